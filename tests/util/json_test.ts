/** Files of one JSON value: what is written is read again, damage is named. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  DataError,
  FormatError,
  readJson,
  writeJson,
} from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

Deno.test("readJson() gives back what writeJson() wrote, for people to read", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "deep", "value.json");
    const value = { list: [1, 2], text: "ação", none: null };
    await writeJson(path, value);
    assert.deepEqual(await readJson(path, "a test"), value);
    const text = await Deno.readTextFile(path);
    assert.ok(text.startsWith('{\n  "list": [\n    1,\n'), text);
    assert.ok(text.endsWith("}\n"), text);
  });
});

Deno.test("readJson() names a file that is missing or damaged", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "value.json");
    const read = () => readJson(path, "a test");
    await assertFails(
      read,
      DataError,
      /read a test: there is no .*value\.json/,
    );
    await Deno.writeTextFile(path, '{"a": ');
    const damaged = /^Cannot read .*value\.json: it is not JSON: /;
    await assertFails(read, FormatError, damaged);
  });
});
