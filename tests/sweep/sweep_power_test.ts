/**
 * Energy of a sweep before it starts: metered here, with all workers at work;
 * assumed or stated on a cluster.
 */
import assert from "node:assert/strict";
import {
  energyLabels,
  type EnergyMeter,
  expectedPower,
  readHostFacts,
} from "../../lib/emissions/mod.ts";
import { jobMeterOptions } from "../../lib/sweep/job_meter.ts";
import { prepareSweep } from "../../lib/sweep/mod.ts";
import { exists } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { onCpu, TINY_SWEEP } from "./tiny.ts";

const rounding = { rtol: 1e-12 };

/** 50 W, and how many workers of a sweep were there at each reading. */
function watchingMeter(folder: string, seen: number[]): EnergyMeter {
  let last: number | undefined;
  return {
    part: "machine",
    label: "measured",
    method: "a wattmeter",
    async read(now) {
      const ready = await Array.fromAsync(Deno.readDir(`${folder}/busy`));
      seen.push(ready.length);
      const seconds = now - (last ?? now);
      last = now;
      return { joules: 50 * seconds, seconds };
    },
  };
}

onCpu(
  "prepareSweep() counts the power of the machine once for all workers",
  () =>
    inFolder(async (folder) => {
      const spec = { ...TINY_SWEEP, depths: [1] };
      const seen: number[] = [];
      const { prediction, energy, jobs } = await prepareSweep(folder, spec, {
        energy: {
          meters: [watchingMeter(folder, seen)],
          gramsPerKwh: 360,
          pue: 1.5,
        },
      });
      assert.ok(jobs >= 1 && jobs <= 2);
      assert.deepEqual(seen, [jobs, jobs]);
      const { seconds } = prediction;
      assertClose(energy!.energyJoules!, 1.5 * 50 * seconds, { rtol: 1e-9 });
      assertClose(energy!.carbon!.grams, 1.5 * 50 * seconds / 1e4, {
        rtol: 1e-9,
      });
      assert.equal(energyLabels(energy!), "machine measured");
      assert.equal(await exists(`${folder}/busy`), false);
    }),
);

onCpu(
  "prepareSweep() adds up the runs of a cluster",
  () =>
    inFolder(async (folder) => {
      const spec = { ...TINY_SWEEP, depths: [1] };
      const options = { engine: "slurm", energy: {} } as const;
      const stated = await prepareSweep(
        folder,
        { ...spec, slurmWattsPerRun: 300 },
        options,
      );
      const { workSeconds } = stated.prediction;
      assert.deepEqual([stated.jobs, stated.threads], [2, 1]);
      assertClose(stated.energy!.energyJoules!, 300 * workSeconds, rounding);
      assert.equal(energyLabels(stated.energy!), "machine assumed");
      const [part] = stated.energy!.parts;
      assert.equal(part!.method, "300 W a run stated in the sweep");

      const { energy, prediction } = await prepareSweep(folder, spec, options);
      const host = await readHostFacts();
      const cpu = await expectedPower("cpu", host);
      const ram = await expectedPower("ram", host);
      const [ofCpu, ofRam] = energy!.parts;
      const perThread = cpu.watts! / host.threads!;
      assertClose(ofCpu!.joules!, perThread * prediction.workSeconds, rounding);
      assert.match(ofCpu!.method, /^1 of \d+ threads of a node like this/);
      // A worker takes more than 30 MB and less than all.
      const ramWatts = ofRam!.joules! / prediction.workSeconds;
      const least = ram.watts! * 0.03 / host.memoryGibibytes!;
      assert.ok(ramWatts > least && ramWatts < ram.watts!, `${ramWatts} W`);
      assert.equal(energyLabels(energy!), "cpu assumed, ram assumed");
    }),
);

Deno.test("jobMeterOptions() reads counters only in a whole node", () => {
  const whole = { SLURM_CPUS_ON_NODE: "64", SLURM_JOB_GPUS: "0,1" };
  assert.deepEqual(jobMeterOptions(whole, undefined, 64), {
    scope: "machine",
  });
  const part = { SLURM_CPUS_ON_NODE: "8", SLURM_JOB_GPUS: "2,3" };
  assert.deepEqual(jobMeterOptions(part, undefined, 64), {
    scope: "process",
    gpus: [2, 3],
  });
  assert.deepEqual(jobMeterOptions({}, undefined, 64), {
    scope: "process",
    gpus: [],
  });
  assert.deepEqual(jobMeterOptions(whole, 250, 64), {
    scope: "process",
    wattsStated: { machine: 250 },
  });
});
