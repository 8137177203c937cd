/**
 * Sweeps on a cluster: the scripts, and a whole sweep through a real Slurm
 * where there is one (Debian's `slurm-wlm` as a cluster of one node will do).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  prepareSweep,
  readSweepRows,
  runSlurmSweep,
  runSweep,
  type SweepEvent,
  SweepFolder,
} from "../../lib/sweep/mod.ts";
import { slurmArrayScript } from "../../lib/sweep/slurm_jobs.ts";
import { exists } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";
import { onCpu, TINY_SWEEP } from "./tiny.ts";

/** What a program of Slurm answers, or undefined where there is none. */
async function ask(program: string, ...args: string[]) {
  try {
    const { success, stdout } = await new Deno.Command(program, { args })
      .output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 3000 && !await isSo(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("slurmArrayScript() gives each run to one element", async () => {
  await inFolder(async (path) => {
    const folder = new SweepFolder(join(path, "it's"));
    const list = join(path, "runs.txt");
    await Deno.writeTextFile(list, "first\nsecond\n");
    const script = slurmArrayScript(folder, { list, count: 2 }, {
      limit: 4,
      pue: 1.2,
    });
    assert.match(script, /^#!\/bin\/bash\n/);
    assert.match(script, /^#SBATCH --array=1-2%4$/m);
    assert.match(
      script,
      /^export CADERNO_THREADS=\$\{SLURM_CPUS_PER_TASK:-1}$/m,
    );
    // What bash makes of it, with the worker replaced by a program that tells.
    const told = script.replace(/^exec /m, "printf '%s|' ");
    const bash = await new Deno.Command("bash", {
      args: ["-c", told],
      env: { SLURM_ARRAY_TASK_ID: "2" },
    }).output();
    const words = new TextDecoder().decode(bash.stdout).split("|");
    assert.match(words.at(-6)!, /sweep_worker\.ts$/);
    assert.deepEqual(words.slice(-5), [
      ...[folder.path, "second"],
      ...["--meter", "1.2", ""],
    ]);
  });
});

const state = await ask("sinfo", "--noheader", "--format=%T");
const hasNode = state !== undefined && /idle|mixed|allocated/.test(state);
if (!hasNode) {
  console.log("skipped: a sweep through Slurm (no node answers to sinfo)");
}

if (hasNode) {
  onCpu(
    "runSlurmSweep() runs an array and submits a killed element again",
    () =>
      inFolder(async (path) => {
        const spec = { ...TINY_SWEEP, tokens: [1024, 2048, 4096] };
        const [here, cluster] = [join(path, "here"), join(path, "cluster")];
        for await (const _ of runSweep(await prepareSweep(here, spec)));
        const folder = new SweepFolder(cluster);
        const sweep = await prepareSweep(cluster, spec);
        const first = sweep.pending[0]!.id;
        const events: SweepEvent[] = [];
        for await (const event of runSlurmSweep(sweep, { pollSeconds: 0.2 })) {
          events.push(event);
          if (event.kind !== "started" || events.length > 1) continue;
          await until(() => exists(join(folder.run(first), "log.jsonl")));
          const array = await Deno.readTextFile(
            join(folder.slurm, "array.json"),
          );
          await ask("scancel", `${JSON.parse(array).job}_1`);
        }
        const lost = events.filter(({ kind }) => kind === "lost");
        assert.deepEqual(lost.map(({ run }) => run.id), [first]);
        const losses = async (folder: string) =>
          (await readSweepRows(folder)).map(({ id, loss }) => [id, loss]);
        assert.deepEqual(await losses(cluster), await losses(here));
        assert.equal((await losses(cluster)).length, 6);
        // A job that shares its node counts itself, by model.
        for (const { joules, energyLabels } of await readSweepRows(cluster)) {
          assert.ok(joules! > 0);
          assert.match(energyLabels!, /^cpu (modelled|measured), ram /);
        }
        // A fit waits for each of the two arrays; the last has all rows.
        await until(async () => await ask("squeue", "--noheader") === "");
        const fit = JSON.parse(await Deno.readTextFile(folder.fit));
        assert.equal(fit.numRuns, 6);
      }),
  );
}
