/**
 * Sweeps on this machine, in real processes: a killed worker loses nothing, to
 * the bit, since the CPU device gives the same bits every time.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  fitSweep,
  prepareSweep,
  readSweepRows,
  runSweep,
  type RunSweepOptions,
  type SweepEvent,
  SweepFolder,
  type SweepRow,
  type SweepSpec,
} from "../../lib/sweep/mod.ts";
import { exists, readRecords } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";
import { onCpu, TINY_SWEEP } from "./tiny.ts";

async function runAll(
  path: string,
  spec: SweepSpec,
  options: RunSweepOptions & {
    readonly onEvent?: (event: SweepEvent) => void | Promise<void>;
  } = {},
): Promise<SweepEvent[]> {
  const events: SweepEvent[] = [];
  const sweep = await prepareSweep(path, spec);
  for await (const event of runSweep(sweep, options)) {
    events.push(event);
    await options.onEvent?.(event);
  }
  return events;
}

const kindsOf = (events: readonly SweepEvent[]) =>
  events.map(({ kind }) => kind).sort();
const lossesOf = (rows: readonly SweepRow[]) =>
  rows.map(({ id, loss }) => [id, loss]);

onCpu(
  "runSweep() loses nothing when a worker is killed",
  () =>
    inFolder(async (folder) => {
      const [quiet, killed] = [join(folder, "quiet"), join(folder, "killed")];
      const plain = await runAll(quiet, TINY_SWEEP);
      assert.deepEqual(kindsOf(plain), [
        ...["finished", "finished", "finished", "finished"],
        ...["started", "started", "started", "started"],
      ]);
      let victim: string | undefined;
      const events = await runAll(killed, TINY_SWEEP, {
        onEvent: async (event) => {
          if (event.kind !== "started" || victim !== undefined) return;
          victim = event.run.id;
          // Not before it has something to lose.
          const log = join(new SweepFolder(killed).run(victim), "log.jsonl");
          while (!await exists(log)) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          Deno.kill(event.pid!, "SIGKILL");
        },
      });
      const lost = events.filter(({ kind }) => kind === "lost");
      assert.equal(lost.length, 1);
      assert.equal(lost[0]!.run.id, victim);
      assert.match((lost[0] as { reason: string }).reason, /SIGKILL/);
      const rows = await readSweepRows(killed);
      assert.deepEqual(lossesOf(rows), lossesOf(await readSweepRows(quiet)));
      // Random guessing costs ln 400 = 5.99 nats.
      for (const { loss } of rows) assert.ok(loss > 2 && loss < 5.9, `${loss}`);
      const lines = await readRecords<SweepRow>(
        new SweepFolder(killed).observations,
      );
      assert.deepEqual(lines, rows);
      await assert.rejects(fitSweep(killed), /4 runs: it has 5 constants/);
    }),
);

onCpu(
  "prepareSweep() skips finished rows and keeps those of a changed grid",
  () =>
    inFolder(async (folder) => {
      const spec = { ...TINY_SWEEP, depths: [1] };
      await runAll(folder, spec);
      const again = await prepareSweep(folder, spec);
      assert.deepEqual([again.runs.length, again.pending.length], [2, 0]);
      const more = await prepareSweep(folder, {
        ...spec,
        tokens: [1024, 4096],
      });
      assert.deepEqual(more.pending.map(({ tokens }) => tokens), [1024]);
      assert.ok(more.prediction.seconds > 0 && more.peakBytes > 1e5);
      assert.deepEqual(
        (await readSweepRows(folder)).map(({ tokens }) => tokens),
        [4096], // that of 2048 is not in this plan
      );
      await assert.rejects(prepareSweep(folder, { ...spec, batchSize: 8 }), {
        name: "DataError",
        message: /its runs have batchSize 4, not 8; choose another folder/,
      });
    }),
);

onCpu(
  "runSweep() tells a run that fails by itself and finishes the others",
  () =>
    inFolder(async (folder) => {
      const spec = { ...TINY_SWEEP, depths: [1], tokens: [2048] };
      const events = await runAll(folder, {
        ...spec,
        learningRates: [0.01, 1e30],
      });
      assert.deepEqual(kindsOf(events), [
        ...["failed", "finished", "started", "started"],
      ]);
      const failed = events.find(({ kind }) => kind === "failed")!;
      assert.equal(failed.run.learningRate, 1e30);
      assert.match((failed as { reason: string }).reason, /learning rate of/);
    }),
);

onCpu(
  "runSweep() stops its workers and shares energy among them",
  () =>
    inFolder(async (folder) => {
      const spec = { ...TINY_SWEEP, depths: [1] };
      const stop = new AbortController();
      await assert.rejects(
        runAll(folder, spec, {
          signal: stop.signal,
          onEvent: ({ kind }) => {
            if (kind === "started") stop.abort();
          },
        }),
        { name: "InterruptedError" },
      );
      let joules = 0; // 10 more at each reading
      await runAll(folder, spec, {
        energyJoules: () => Promise.resolve(joules += 10),
        energyLabels: () => "cpu measured",
      });
      const rows = await readSweepRows(folder);
      const shared = rows.reduce((sum, row) => sum + row.joules!, 0);
      // Nobody runs during the first interval and those between two readings.
      assert.ok(shared > 0 && shared <= joules, `${shared} of ${joules}`);
      assert.equal(shared % 10, 0);
      const labels = rows.map(({ energyLabels }) => energyLabels);
      assert.deepEqual([...new Set(labels)], ["cpu measured"]);
    }),
);
