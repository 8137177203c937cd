/**
 * Safetensors: round trips, a second opinion by the npm package of that name,
 * and every way in which a file can lie.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import safetensors from "safetensors";
import { SafetensorsFile, writeSafetensors } from "../../lib/model/mod.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

/** The tensors of a file without metadata, read by the npm package. */
function secondOpinion(bytes: Uint8Array) {
  const file = new safetensors.SafeTensor(bytes);
  return (name: string): Float32Array =>
    new Float32Array(file.getTensor(name).slice().buffer);
}

/** Bytes of a file with that header and data. */
function bytesOf(
  header: unknown,
  data: Uint8Array,
  length?: number,
): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

Deno.test("writeSafetensors() is read back by us and by others", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const a = Float32Array.of(1, -2.5, 3e-30, Infinity, 5, 6);
    await writeSafetensors(path, [
      { name: "a", shape: [2, 3], data: () => Promise.resolve(a) },
      {
        name: "empty",
        shape: [0, 4],
        data: () => Promise.resolve(new Float32Array(0)),
      },
      {
        name: "scalar",
        shape: [],
        data: () => Promise.resolve(Float32Array.of(7)),
      },
    ]);
    using file = await SafetensorsFile.open(path);
    assert.deepEqual([...file.entries.keys()], ["a", "empty", "scalar"]);
    assert.deepEqual(file.metadata, {});
    assert.deepEqual(file.entry("a").shape, [2, 3]);
    assert.deepEqual(await file.readFloat32("a"), a);
    assert.deepEqual([...await file.readFloat32("scalar")], [7]);
    assert.equal((await file.readFloat32("empty")).length, 0);

    const other = secondOpinion(await Deno.readFile(path));
    assert.deepEqual(other("a"), a);
    assert.deepEqual([...other("scalar")], [7]);

    await writeSafetensors(path, [], { metadata: { made: "by a test" } });
    using facts = await SafetensorsFile.open(path);
    assert.deepEqual(facts.metadata, { made: "by a test" });
  });
});

Deno.test("half and double precision are converted", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const data = new Uint8Array(2 * 2 + 2 * 2 + 8);
    const view = new DataView(data.buffer);
    view.setFloat16(0, 1.5, true);
    view.setFloat16(2, -0.125, true);
    view.setUint16(4, 0x3fc0, true); // 1.5 as bfloat16
    view.setUint16(6, 0xbe00, true); // -0.125
    view.setFloat64(8, 1 / 3, true);
    const entry = (dtype: string, shape: number[], data_offsets: number[]) => ({
      dtype,
      shape,
      data_offsets,
    });
    await Deno.writeFile(
      path,
      bytesOf({
        half: entry("F16", [2], [0, 4]),
        brain: entry("BF16", [2], [4, 8]),
        double: entry("F64", [], [8, 16]),
      }, data),
    );
    using file = await SafetensorsFile.open(path);
    assert.deepEqual([...await file.readFloat32("half")], [1.5, -0.125]);
    assert.deepEqual([...await file.readFloat32("brain")], [1.5, -0.125]);
    assert.deepEqual([...await file.readFloat32("double")], [
      Math.fround(1 / 3),
    ]);
    await assertFails(
      () => file.readFloat32("none"),
      FormatError,
      /no tensor "none"/,
    );
  });
});

const tensor = (over: Record<string, unknown> = {}) => ({
  dtype: "F32",
  shape: [2],
  data_offsets: [0, 8],
  ...over,
});
const eight = new Uint8Array(8);

const LIES: readonly [string, Uint8Array, RegExp][] = [
  ["an empty file", new Uint8Array(0), /0 bytes are too few/],
  [
    "a header longer than the file",
    bytesOf({}, eight, 1000),
    /does not fit into/,
  ],
  [
    "a header of absurd length",
    bytesOf({}, eight, 2 ** 50),
    /does not fit into/,
  ],
  ["a header that is not JSON", bytesOf("{oops", eight), /not JSON/],
  ["a header that is a list", bytesOf([1], eight), /no JSON object/],
  [
    "an unknown dtype",
    bytesOf({ a: tensor({ dtype: "F8" }) }, eight),
    /"a": unknown dtype "F8"/,
  ],
  [
    "a negative size",
    bytesOf({ a: tensor({ shape: [-2] }) }, eight),
    /shape \[-2\]/,
  ],
  ["no shape", bytesOf({ a: tensor({ shape: null }) }, eight), /shape null/],
  [
    "a range backwards",
    bytesOf({ a: tensor({ data_offsets: [8, 0] }) }, eight),
    /no range of bytes/,
  ],
  [
    "a range of another size",
    bytesOf({ a: tensor({ data_offsets: [0, 4] }) }, eight),
    /\(2\) needs 8 bytes, its range holds 4/,
  ],
  [
    "data cut short",
    bytesOf({ a: tensor() }, new Uint8Array(5)),
    /8 bytes of data, the file has 5: it was cut short/,
  ],
  [
    "data that nobody names",
    bytesOf({ a: tensor() }, new Uint8Array(12)),
    /8 bytes of data, the file has 12/,
  ],
  [
    "overlapping tensors",
    bytesOf(
      { a: tensor(), b: tensor({ data_offsets: [4, 12] }) },
      new Uint8Array(12),
    ),
    /"b" begins at byte 4, wanted 8: tensors overlap/,
  ],
  [
    "a gap",
    bytesOf(
      { a: tensor(), b: tensor({ data_offsets: [12, 20] }) },
      new Uint8Array(20),
    ),
    /"b" begins at byte 12, wanted 8: there is a gap/,
  ],
];

for (const [name, bytes, text] of LIES) {
  Deno.test(`SafetensorsFile.open() refuses ${name}`, async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "bad.safetensors");
      await Deno.writeFile(path, bytes);
      await assertFails(() => SafetensorsFile.open(path), FormatError, text);
    });
  });
}

Deno.test("SafetensorsFile.open() says which file is missing", async () => {
  await assertFails(
    () => SafetensorsFile.open("/nowhere/model.safetensors"),
    DataError,
    /there is no file \/nowhere\/model\.safetensors/,
  );
});
