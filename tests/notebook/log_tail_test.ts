/** A log that grows while it is read, in pieces of any length. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LogTail } from "../../lib/notebook/log_tail.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const append = (path: string, text: string) =>
  Deno.writeTextFile(path, text, { append: true });

Deno.test("LogTail.read() gives each whole line once", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const tail = new LogTail<{ a: unknown }>(path);
    assert.deepEqual(await tail.read(), []); // no file yet
    await append(path, '{"a":1}\n{"a":2}\n{"a"');
    assert.deepEqual(await tail.read(), [{ a: 1 }, { a: 2 }]);
    assert.deepEqual(await tail.read(), []);
    await append(path, ":3}");
    assert.deepEqual(await tail.read(), []);
    await append(path, '\n\n{"a":"é"}\n');
    assert.deepEqual(await tail.read(), [{ a: 3 }, { a: "é" }]);
  }));

Deno.test("LogTail.read() reads logs and lines longer than it reads at once", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const long = "x".repeat(3_000_000);
    const tail = new LogTail<{ a: unknown }>(path);
    const many = Array.from({ length: 100_000 }, (_, a) => ({ a }));
    const records = [...many, { a: long }, { a: 1 }];
    await append(path, records.map((r) => JSON.stringify(r) + "\n").join(""));
    assert.deepEqual(await tail.read(), records);
  }));

Deno.test("LogTail.read() refuses damage and another log in the same place", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const tail = new LogTail(path);
    await append(path, '{"a":1}\n{"a":2}\n');
    await tail.read();
    await append(path, "no JSON\n");
    await assertFails(() => tail.read(), FormatError, /line 3 is not JSON/);
    await Deno.writeTextFile(path, '{"a":1}\n');
    await assertFails(
      () => tail.read(),
      FormatError,
      /it had 24 bytes and has 8 now/,
    );
  }));
