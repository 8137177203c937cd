/** The open log of a run: whole lines, whatever happened before. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readLog, type SampleRecord } from "../../lib/train/mod.ts";
import { RunLog } from "../../lib/train/run_log.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const sample = (step: number, text = "Olá"): SampleRecord => ({
  kind: "sample",
  step,
  texts: [text],
});

Deno.test("RunLog.open() makes the folder, and appends to a log that is there", () =>
  inFolder(async (folder) => {
    const path = join(folder, "runs", "one", "log.jsonl");
    {
      using log = await RunLog.open(path);
      log.write(sample(1));
      assert.deepEqual(await readLog(path), [sample(1)]); // at once
    }
    using log = await RunLog.open(path);
    log.write(sample(2));
    assert.deepEqual(await readLog(path), [sample(1), sample(2)]);
  }));

Deno.test("RunLog.open() takes off a line that was cut short, however long", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const long = sample(2, "ç".repeat(200_000)); // several blocks
    for (const cut of [1, 5, 150_000, 399_999]) {
      const whole = [sample(1), long].map((r) => JSON.stringify(r) + "\n");
      const bytes = new TextEncoder().encode(whole.join(""));
      await Deno.writeFile(path, bytes.subarray(0, bytes.length - cut));
      using log = await RunLog.open(path);
      log.write(sample(3));
      assert.deepEqual(await readLog(path), [sample(1), sample(3)], `${cut}`);
    }
    await Deno.writeTextFile(path, '{"kind":'); // nothing whole in it
    using log = await RunLog.open(path);
    log.write(long);
    assert.deepEqual(await readLog(path), [long]);
  }));

Deno.test({
  name: "RunLog.write() says when the disk is full",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using log = await RunLog.open("/dev/full");
    await assertFails(
      () => log.write(sample(1)),
      DataError,
      /Cannot write to the log \/dev\/full: No space left on device/,
    );
  },
});
