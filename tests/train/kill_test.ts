/**
 * kill -9 at any moment: what is on the disk goes on to the bit, as if the run
 * had never been killed.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLog, type TrainRecord } from "../../lib/train/mod.ts";
import { exists } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";
import { trainFragile } from "../support/killed_training.ts";

const CHILD = fileURLToPath(
  new URL("../support/killed_training.ts", import.meta.url),
);

const lossesOf = (records: readonly TrainRecord[]) =>
  records.flatMap((record) => record.kind === "step" ? [record.loss] : []);

/** Starts the run in a process of its own and kills it when it is time. */
async function killWhen(folder: string, isTime: () => boolean): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CHILD, folder],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  while (!isOver && !isTime()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(isOver, false, "it ended before it could be killed");
  child.kill("SIGKILL");
  assert.equal((await status).signal, "SIGKILL");
}

/** Names in the folder of checkpoints, hidden ones too; none before it is. */
function namesIn(checkpoints: string): string[] {
  try {
    return Array.from(Deno.readDirSync(checkpoints), ({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("kill -9 while a checkpoint is written, and again, changes no loss", () =>
  inFolder(async (folder) => {
    const expected = lossesOf(await trainFragile());
    assert.equal(expected.length, 40);
    const checkpoints = join(folder, "checkpoints");
    const isWhole = (name: string) => /^step_\d+$/.test(name);

    // First in the middle of writing the second checkpoint or a later one.
    await killWhen(folder, () => {
      const names = namesIn(checkpoints);
      return names.some(isWhole) && !names.every(isWhole);
    });
    const path = join(folder, "log.jsonl");
    const lines = async () =>
      (await Deno.readTextFile(path)).split("\n").length;
    const before = await lines();
    assert.ok(before > 2 && await exists(checkpoints));

    // Then some steps into the run that goes on from there.
    let size = (await Deno.stat(path)).size;
    size += 1000; // about four steps
    await killWhen(folder, () => Deno.statSync(path).size > size);
    assert.ok(await lines() > before);

    const rest = await trainFragile(folder);
    assert.equal(rest[0]!.kind, "resume");
    const log = await readLog(path);
    assert.deepEqual(lossesOf(log), expected);
    assert.deepEqual(namesIn(checkpoints).sort(), [
      "step_00000038",
      "step_00000040",
    ]);
  }));
