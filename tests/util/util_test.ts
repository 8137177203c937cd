/**
 * The floor that everything stands on. Threefry against the known answers of
 * its authors (Random123, kat_vectors, threefry2x32 with 20 rounds).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  appendRecord,
  broadcastAxes,
  broadcastShapes,
  broadcastStrides,
  DataError,
  exists,
  formatBytes,
  formatCount,
  formatCsv,
  formatDuration,
  FormatError,
  formatPercent,
  formatScientific,
  formatSi,
  formatTable,
  invariant,
  normalizeAxis,
  numberCell,
  optionalCell,
  parseCsv,
  Progress,
  Random,
  readRecords,
  readText,
  ShapeError,
  stridesOf,
  threefry,
  walkFiles,
  writeFileAtomic,
} from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

Deno.test("threefry() gives the known answers", () => {
  const ones = 0xffffffff;
  assert.deepEqual(threefry(0, 0, 0, 0), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry(ones, ones, ones, ones), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(
    threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3),
    [0xc4923a9c, 0x483df7a0],
  );
});

Deno.test("Random repeats, forks and continues", () => {
  const draw = (r: Random) => Array.from({ length: 9 }, () => r.uint32());
  const first = draw(new Random(1, "a"));
  assert.deepEqual(draw(new Random(1, "a")), first);
  assert.notDeepEqual(draw(new Random(1, "b")), first);
  assert.notDeepEqual(draw(new Random(2, "a")), first);
  assert.notDeepEqual(draw(new Random(1, "a").fork("b")), first);
  const later = new Random(1, "a");
  later.position = 4;
  assert.deepEqual(draw(later).slice(0, 5), first.slice(4));
});

Deno.test("Random is uniform and normal to the eye of statistics", () => {
  const random = new Random(3);
  const n = 40_000;
  const counts = new Array(10).fill(0);
  for (let i = 0; i < n; i++) counts[random.int(10)]++;
  // chi-squared with 9 degrees of freedom: 27.9 is the 0.1 % point
  const chi = counts.reduce((s, c) => s + (c - n / 10) ** 2 / (n / 10), 0);
  assert.ok(chi < 27.9, `chi-squared ${chi}`);
  const normals = Array.from({ length: n }, () => random.normal());
  const mean = normals.reduce((s, x) => s + x, 0) / n;
  const fourth = normals.reduce((s, x) => s + x ** 4, 0) / n;
  assert.ok(Math.abs(mean) < 0.025, `mean ${mean}`); // five standard errors
  assert.ok(Math.abs(fourth - 3) < 0.25, `fourth moment ${fourth}`);
  const shuffled = random.shuffle([...Array(50).keys()]);
  assert.notDeepEqual(shuffled, [...Array(50).keys()]);
  assert.deepEqual(shuffled.sort((a, b) => a - b), [...Array(50).keys()]);
});

Deno.test("Random weighs, and refuses bad seeds and ranges", async () => {
  const random = new Random(5);
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) counts[random.weighted([1, 0, 3])]!++;
  assert.equal(counts[1], 0);
  assert.ok(Math.abs(counts[2]! / counts[0]! - 3) < 0.5, String(counts));
  await assertFails(() => new Random(-1), RangeError, /0\.\.4294967295/);
  await assertFails(() => new Random(0.5), RangeError, /whole number/);
  await assertFails(() => random.int(0), RangeError, /n must be 1\.\.2\^32/);
});

Deno.test("shapes broadcast as in NumPy", async () => {
  assert.deepEqual(stridesOf([2, 3, 4]), [12, 4, 1]);
  assert.deepEqual(broadcastShapes([2, 1, 3], [4, 1]), [2, 4, 3]);
  assert.deepEqual(broadcastShapes([], [5]), [5]);
  assert.deepEqual(broadcastStrides([2, 1, 3], [2, 4, 3]), [3, 0, 1]);
  assert.deepEqual(broadcastAxes([1, 3], [2, 4, 3]), [0, 1]);
  assert.equal(normalizeAxis(-1, 3), 2);
  await assertFails(
    () => broadcastShapes([2, 3], [4]),
    ShapeError,
    /\(2, 3\) with \(4\): sizes 3 and 4 differ and neither is 1/,
  );
  await assertFails(() => normalizeAxis(3, 3), ShapeError, /-3\.\.2/);
  await assertFails(() => invariant(false, "x"), Error, /^Internal: x$/);
});

Deno.test("numbers are written for people", () => {
  assert.equal(formatCount(162417408), "162M");
  assert.equal(formatCount(999), "999");
  assert.equal(formatCount(999999), "1.00M");
  assert.equal(formatCount(1234), "1.23k");
  assert.equal(formatBytes(1536), "1.50 KiB");
  assert.equal(formatBytes(0), "0 B");
  assert.equal(formatSi(3.656e18, "FLOP"), "3.66 EFLOP");
  assert.equal(formatDuration(0.0123), "12.3 ms");
  assert.equal(formatDuration(75), "1 min 15 s");
  assert.equal(formatDuration(59.99), "1 min 0 s");
  assert.equal(formatDuration(139415.49), "38 h 44 min");
  assert.equal(formatDuration(1009909.6), "11.7 d");
  assert.equal(formatScientific(3.7e18), "3.70e18");
  assert.equal(formatPercent(0.0842), "8.42 %");
  assert.equal(
    formatTable([["name", "n"], ["a", 1], ["bc", 22]]),
    "name   n\n----  --\na      1\nbc    22",
  );
});

Deno.test("parseCsv() keeps the comment and finds short rows", async () => {
  const table = parseCsv('# Source\n# units: g\na,b\n1,"x, y"\n2,\n');
  assert.equal(table.comment, "Source\nunits: g");
  assert.deepEqual(table.columns, ["a", "b"]);
  assert.deepEqual(table.rows, [{ a: "1", b: "x, y" }, { a: "2", b: "" }]);
  assert.equal(numberCell(table.rows[0]!, "a"), 1);
  const empty = /column "b": "" is not a number/;
  await assertFails(() => numberCell(table.rows[1]!, "b"), FormatError, empty);
  await assertFails(
    () => numberCell(table.rows[1]!, "c"),
    FormatError,
    /column "c": there is none, the columns are "a", "b"$/,
  );
  const other = parseCsv("a;b\n1;2\n");
  await assertFails(
    () => numberCell(other.rows[0]!, "b"),
    FormatError,
    /columns are "a;b"; cells seem to be separated by ";", wanted ","$/,
  );
  await assertFails(
    () => parseCsv("a;b\n1,5;2\n", "t.csv"),
    FormatError,
    /row 1 has 2 cells, the head has 1; cells seem to be separated by ";"/,
  );
  const short = /t\.csv: row 2 has 1 cells, the head has 2/;
  await assertFails(
    () => parseCsv("a,b\n1,2\n3\n", "t.csv"),
    FormatError,
    short,
  );
  await assertFails(() => parseCsv("# only\n"), FormatError, /no head row/);
  assert.equal(formatCsv([{ a: 1, b: "x" }]), "a,b\n1,x\n");
  const [cells] = parseCsv("a,b\n1,\n").rows;
  assert.equal(optionalCell(cells!, "a"), 1);
  assert.equal(optionalCell(cells!, "b"), undefined);
  await assertFails(
    () => optionalCell(cells!, "c"),
    FormatError,
    /there is none/,
  );
});

Deno.test("writeFileAtomic() leaves the old file and no rest on an error", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "deep", "file.txt");
    await writeFileAtomic(path, "one");
    await assert.rejects(writeFileAtomic(path, async (file) => {
      await file.write(new Uint8Array(10));
      throw new Error("on purpose");
    }));
    assert.equal(await Deno.readTextFile(path), "one");
    const files = await Array.fromAsync(walkFiles(folder));
    assert.deepEqual(files, [path]);
    assert.equal(await exists(path), true);
    assert.equal(await exists(join(folder, "none")), false);
    for (const look of [exists, (p: string) => readText(p, "a test")]) {
      await assertFails(
        () => look(join(path, "deep", "run.json")),
        DataError,
        /Cannot look for .*run\.json: .*file\.txt is a file, wanted a folder/,
      );
    }
  });
});

Deno.test("readRecords() drops a last line that was cut short, only that", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    for (const step of [1, 2]) await appendRecord(path, { step });
    await Deno.writeTextFile(path, '{"step":3', { append: true });
    assert.deepEqual(await readRecords(path), [{ step: 1 }, { step: 2 }]);
    await Deno.writeTextFile(path, '\n{"step":4}\n', { append: true });
    const text = /run\.jsonl: line 3 is not JSON/;
    await assertFails(() => readRecords(path), FormatError, text);
    const gone = join(folder, "none.jsonl");
    await assertFails(() => readRecords(gone), DataError, /there is no file/);
  });
});

Deno.test("appendRecord() begins a line of its own behind what a crash left", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const cut = (text: string) =>
      Deno.writeTextFile(path, text, { append: true });
    await cut('{"step":0'); // the only line
    await appendRecord(path, { step: 1 });
    await cut(`{"text":"${"ã".repeat(100_000)}`); // longer than one read
    await appendRecord(path, { step: 2 });
    await cut('{"step":3}'); // whole but for its line feed
    await appendRecord(path, { step: 4 });
    const steps = [1, 2, 3, 4].map((step) => ({ step }));
    assert.deepEqual(await readRecords(path), steps);
    assert.equal(
      await Deno.readTextFile(path),
      steps.map((record) => JSON.stringify(record) + "\n").join(""),
    );
  });
});

Deno.test("writeFileAtomic() follows links and keeps them", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await Deno.mkdir(at("deep"));
    await Deno.writeTextFile(at("deep/file.txt"), "old");
    await Deno.symlink("deep/file.txt", at("link"));
    await Deno.symlink(at("link"), at("second"));
    await writeFileAtomic(at("second"), "new");
    assert.equal(await Deno.readTextFile(at("deep/file.txt")), "new");
    await Deno.symlink("../none.txt", at("deep/dangling"));
    await Deno.symlink("deep", at("way"));
    await writeFileAtomic(at("way/dangling"), "made");
    assert.equal(await Deno.readTextFile(at("none.txt")), "made");
    for (const name of ["link", "second", "deep/dangling"]) {
      assert.ok((await Deno.lstat(at(name))).isSymlink, name);
    }
    assert.equal((await Array.fromAsync(walkFiles(folder))).length, 2);
  });
});

Deno.test("writeFileAtomic() writes into a pipe and leaves it there", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await inFolder(async (folder) => {
    const pipe = join(folder, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const [text] = await Promise.all([
      Deno.readTextFile(pipe),
      writeFileAtomic(pipe, "through"),
    ]);
    assert.equal(text, "through");
    assert.ok((await Deno.lstat(pipe)).isFifo);
    assert.equal((await Array.fromAsync(Deno.readDir(folder))).length, 1);
  });
});

Deno.test("Progress knows rate, share and time left", () => {
  let now = 0;
  const progress = new Progress("Train", {
    total: 1000,
    unit: "tokens",
    now: () => now,
  });
  assert.equal(progress.toString(), "Train  0 %");
  now = 2000;
  progress.update(500, "loss 2.31");
  assert.equal(progress.rate, 250);
  assert.equal(progress.secondsLeft, 2);
  assert.equal(
    progress.toString(),
    "Train  50.0 %  250 tokens/s  2.00 s left  loss 2.31",
  );
  progress.update(1000, "");
  assert.equal(
    progress.toString(),
    "Train  100 %  500 tokens/s  in 2.00 s",
  );
});
