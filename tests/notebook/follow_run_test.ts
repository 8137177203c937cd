/** Runs that go on elsewhere, end in every way, and stand in a list. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  followRun,
  holdRun,
  listRuns,
  type RunNews,
  type RunState,
} from "../../lib/notebook/mod.ts";
import { isRunHeld } from "../../lib/notebook/run_lock.ts";
import { runStateOf } from "../../lib/notebook/run_state.ts";
import { RunStatus } from "../../lib/notebook/run_status.ts";
import { countParameters, llamaConfig } from "../../lib/model/mod.ts";
import type { TrainRecord } from "../../lib/train/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { makeOld, writeRecords, writeRunSettings } from "./run_folder.ts";
import { evaluationRecord, madeUpRun, stepRecord } from "./run_records.ts";

const FAST = { pollSeconds: 0.005 };

/** A process that holds a run's folder until it is killed. */
async function holdElsewhere(folder: string): Promise<Deno.ChildProcess> {
  const path = "../../lib/notebook/run_lock.ts";
  const module = fileURLToPath(new URL(path, import.meta.url));
  const code = `import { holdRun } from ${JSON.stringify(module)};
    await holdRun(${JSON.stringify(folder)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

Deno.test("followRun() gives the records of a run that goes on, and its end", () =>
  inFolder(async (folder) => {
    await writeRunSettings(folder, 50);
    const records = madeUpRun(50);
    const seen: TrainRecord[] = [];
    let last: RunNews | undefined;
    let turn = 0;
    for await (const news of followRun(folder, FAST)) {
      last = news;
      seen.push(...news.records);
      if (news.state === "running") assert.ok(seen.length < records.length);
      await writeRecords(folder, records.slice(9 * turn, 9 * ++turn));
    }
    assert.deepEqual(seen, records);
    assert.equal(last!.state, "done");
    assert.equal(last!.status.step!.step, 50);
    assert.equal(last!.status.watts, 30);
  }));

Deno.test("followRun() ends when it is told to, and can begin again", () =>
  inFolder(async (folder) => {
    await writeRunSettings(folder, 50);
    await writeRecords(folder, madeUpRun(10));
    for (let time = 0; time < 2; time++) {
      const stop = new AbortController();
      const { signal } = stop;
      let steps = 0;
      for await (const news of followRun(folder, { ...FAST, signal })) {
        steps += news.records.length;
        assert.equal(news.state, "running");
        stop.abort();
      }
      assert.equal(steps, 10);
    }
    await assertFails(
      () => followRun(join(folder, "none")).next(),
      DataError,
      /the settings of a run: there is no file .*config\.json/,
    );
  }));

Deno.test("holdRun() keeps others out until its process is killed", () =>
  inFolder(async (folder) => {
    assert.equal(await isRunHeld(folder), undefined);
    const child = await holdElsewhere(folder);
    assert.equal(await isRunHeld(folder), true);
    await assertFails(
      () => holdRun(folder),
      ConfigError,
      /another process trains there/,
    );
    child.kill("SIGKILL");
    await child.status;
    assert.equal(await isRunHeld(folder), false);
    {
      using _held = await holdRun(folder);
      assert.equal(await isRunHeld(folder), true);
    }
    assert.equal(await isRunHeld(folder), false);
    // Left by another machine, whose locks may not be seen here.
    await Deno.writeTextFile(join(folder, "session.lock"), "elsewhere");
    assert.equal(await isRunHeld(folder), undefined);
  }));

Deno.test("runStateOf() tells how runs end", () =>
  inFolder(async (folder) => {
    const stateOf = async (
      records: readonly TrainRecord[],
      quietSeconds = 0,
    ): Promise<RunState> => {
      const status = new RunStatus({ name: "run", steps: 50 });
      for (const record of records) status.add(record);
      return await runStateOf(folder, status, quietSeconds);
    };
    assert.equal(await stateOf(madeUpRun(50)), "done");
    // The last step is done, its checkpoint is not yet.
    assert.equal(await stateOf(madeUpRun(50).slice(0, -1)), "running");
    // Two seconds a step: three of them and a minute.
    assert.equal(await stateOf(madeUpRun(20), 65), "running");
    assert.equal(await stateOf(madeUpRun(20), 67), "stopped");
    assert.equal(await stateOf([], 500), "running"); // it compiles
    assert.equal(await stateOf([], 700), "stopped");
    const path = join(folder, "diverged.json");
    await Deno.writeTextFile(path, '{"step":21,"loss":"NaN","batches":[]}\n');
    assert.equal(await stateOf(madeUpRun(20)), "diverged");
    assert.equal(await stateOf(madeUpRun(30)), "running"); // it got past it
    {
      using _held = await holdRun(folder);
      assert.equal(await stateOf(madeUpRun(20), 1e6), "running");
    }
    assert.equal(await stateOf(madeUpRun(30)), "stopped");
  }));

Deno.test("listRuns() tells what lies below a folder, the newest first", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await writeRunSettings(at("old"), 50);
    await writeRecords(at("old"), madeUpRun(50));
    await makeOld(at("old"));
    await writeRunSettings(at("sub/new"), 20);
    await writeRecords(at("sub/new"), [
      stepRecord(1, { loss: 4 }),
      evaluationRecord(1, 5),
    ]);
    await Deno.mkdir(at("no run"));
    const runs = await listRuns(folder);
    const { total } = countParameters(
      llamaConfig("tiny-64", { vocabSize: 300 }),
    );
    assert.deepEqual(
      runs.map(({ changedAt: _, ...run }) => run),
      [{
        name: join("sub", "new"),
        folder: at("sub/new"),
        parameters: total,
        learningRate: 3e-3,
        tokens: 100,
        totalTokens: 2000,
        loss: 4,
        heldOutLoss: 5,
        state: "running",
        reason: undefined,
      }, {
        name: "old",
        folder: at("old"),
        parameters: total,
        learningRate: 3e-3,
        tokens: 5000,
        totalTokens: 5000,
        loss: runs[1]!.loss,
        heldOutLoss: 9 / Math.sqrt(50),
        state: "done",
        reason: undefined,
      }],
    );
    assert.ok(runs[0]!.changedAt! > runs[1]!.changedAt!);
    // The folder of a run is a list of one.
    assert.deepEqual((await listRuns(at("old"))).map(({ name }) => name), [
      ".",
    ]);
  }));

Deno.test("listRuns() lists a damaged run with the reason", () =>
  inFolder(async (folder) => {
    await writeRunSettings(join(folder, "a"), 50);
    await Deno.writeTextFile(join(folder, "a", "log.jsonl"), "no JSON\n{}\n");
    const [run] = await listRuns(folder);
    assert.equal(run!.state, "damaged");
    assert.match(run!.reason!, /line 1 is not JSON/);
    await assertFails(
      () => listRuns(join(folder, "none")),
      DataError,
      /Cannot list the runs of .*none: it is not there/,
    );
  }));
