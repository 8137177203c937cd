import assert from "node:assert/strict";
import { dirname } from "node:path";
import {
  cloudIntensity,
  CODECARBON_3_COLUMNS,
  CODECARBON_COLUMNS,
  type CodecarbonRow,
  findCloudRegion,
  loadCloudRegions,
  makeReading,
  readCodecarbonCsv,
  saveCodecarbonRow,
  statedIntensity,
  toCodecarbonRow,
} from "../../lib/emissions/mod.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFile } from "../support/in_folder.ts";
import { referenceTest } from "../support/reference.ts";
import { partEnergy } from "./simulated_machine.ts";

/** Head of the files of version 2.3.2, as published with the TTL runs. */
const HEAD = "timestamp,project_name,run_id,duration,emissions," +
  "emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy," +
  "ram_energy,energy_consumed,country_name,country_iso_code,region," +
  "cloud_provider,cloud_region,os,python_version,codecarbon_version," +
  "cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude," +
  "ram_total_size,tracking_mode,on_cloud,pue";

/** One hour: GPU 200 W measured, memory 20 W, no reading of the CPU. */
const reading = makeReading({
  project: "demo, with a comma",
  seconds: 3600,
  parts: [
    partEnergy("gpu", 720_000, 3600),
    partEnergy("ram", 72_000, 3600),
  ],
  pue: 1.5,
  intensity: statedIntensity(100, "Lab"),
  notes: [],
});
const origin = {
  runId: "run-1",
  host: {
    os: "linux",
    arch: "x86_64",
    cpuModel: "A CPU",
    sockets: 1,
    threads: 8,
    memoryGibibytes: 31.5,
  },
  scope: "machine" as const,
  gpuNames: ["NVIDIA T4", "NVIDIA T4"],
  date: new Date(2024, 0, 3, 13, 51, 28),
};
const row = toCodecarbonRow(reading, origin);

const withFile = (fn: (path: string) => Promise<void>) =>
  inFile("run/emissions.csv", fn);

Deno.test("CODECARBON_COLUMNS are the 31 of version 2.3.2 in order", () => {
  assert.equal(CODECARBON_COLUMNS.join(), HEAD);
  assert.equal(CODECARBON_COLUMNS.length, 31);
});

Deno.test("toCodecarbonRow() converts units and leaves gaps open", () => {
  assert.equal(row.timestamp, "2024-01-03T13:51:28");
  assert.equal(row.duration, 3600);
  assertClose(row.gpu_energy!, 0.3, { rtol: 1e-12 }); // 0.2 kWh x PUE
  assertClose(row.energy_consumed!, 0.33, { rtol: 1e-12 });
  assertClose(row.emissions!, 0.033, { rtol: 1e-12 });
  assertClose(row.emissions_rate!, 0.033 / 3600, { rtol: 1e-12 });
  assert.equal(row.gpu_power, 200);
  assert.equal(row.cpu_power, undefined);
  assert.equal(row.cpu_energy, undefined);
  assert.equal(row.gpu_model, "2 x NVIDIA T4");
  assert.equal(row.gpu_count, 2);
  assert.equal(row.pue, 1.5);
});

Deno.test("saveCodecarbonRow() writes what readCodecarbonCsv() reads", async () => {
  await withFile(async (path) => {
    await saveCodecarbonRow(path, row);
    const text = await Deno.readTextFile(path);
    assert.equal(text.split("\n")[0], HEAD);
    assert.ok(text.endsWith("\n"));
    assert.deepEqual(await readCodecarbonCsv(path), [row]);
  });
});

Deno.test("saveCodecarbonRow() appends runs and replaces a run's row", async () => {
  await withFile(async (path) => {
    await saveCodecarbonRow(path, row);
    await saveCodecarbonRow(path, { ...row, run_id: "run-2" });
    await saveCodecarbonRow(path, { ...row, duration: 7200 });
    const rows = await readCodecarbonCsv(path);
    assert.deepEqual(
      rows.map(({ run_id, duration }) => [run_id, duration]),
      [["run-2", 3600], ["run-1", 7200]],
    );
  });
});

Deno.test("saveCodecarbonRow() appends after a missing last newline", async () => {
  await withFile(async (path) => {
    await saveCodecarbonRow(path, row);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.trimEnd());
    await saveCodecarbonRow(path, { ...row, run_id: "run-2" });
    assert.equal((await readCodecarbonCsv(path)).length, 2);
  });
});

Deno.test("saveCodecarbonRow() leaves a foreign or damaged file alone", async () => {
  await withFile(async (path) => {
    await saveCodecarbonRow(path, row);
    const good = await Deno.readTextFile(path);
    const bad: [string, RegExp][] = [
      ["", /no head row/],
      ["a,b\n1,2\n", /has no column timestamp, project_name/],
      [good.slice(0, -20), /row 1 has 27 cells, the head has 31/], // a crash
      [
        good.replace(",3600,", ",soon,"),
        /row 1 of .*"duration": "soon" is not/,
      ],
      [good.replace("on_cloud,pue", "pue,on_cloud"), /not the 31/],
      [good.replace("pue", "pue,wue").replace(/\n$/, ",0\n"), /has 32 columns/],
    ];
    for (const [text, message] of bad) {
      assert.notEqual(text, good);
      await Deno.writeTextFile(path, text);
      await assertFails(
        () => saveCodecarbonRow(path, row),
        FormatError,
        message,
      );
      assert.equal(await Deno.readTextFile(path), text);
    }
  });
});

Deno.test("readCodecarbonCsv() reads later versions with more columns", async () => {
  await withFile(async (path) => {
    await saveCodecarbonRow(path, row);
    const [head, cells] = (await Deno.readTextFile(path)).split("\n");
    const later = `experiment_id,${head},wue\nabc,${cells},0.0\n`;
    await Deno.writeTextFile(path, later);
    const [read] = await readCodecarbonCsv(path);
    assert.deepEqual(read, { ...row, experiment_id: "abc", wue: 0 });
  });
});

Deno.test("CODECARBON_3_COLUMNS are the 38 of version 3.3.0 in order", () => {
  const head = HEAD
    .replace("run_id", "run_id,experiment_id")
    .replace("energy_consumed", "energy_consumed,water_consumed")
    .replace(
      "on_cloud",
      "cpu_utilization_percent,gpu_utilization_percent," +
        "ram_utilization_percent,ram_used_gb,on_cloud",
    ) + ",wue";
  assert.equal(CODECARBON_3_COLUMNS.join(), head);
  assert.equal(CODECARBON_3_COLUMNS.length, 38);
});

Deno.test("saveCodecarbonRow() writes version 3 and keeps a file's version", async () => {
  await withFile(async (path) => {
    const water = toCodecarbonRow(reading, { ...origin, litresPerKwh: 1.8 });
    assertClose(water.water_consumed!, 0.33 * 1.8, { rtol: 1e-12 });
    await saveCodecarbonRow(path, water, { version: "3.3.0" });
    // Without a version: the columns of the file that is there.
    await saveCodecarbonRow(path, { ...row, run_id: "run-2" });
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.equal(lines[0], CODECARBON_3_COLUMNS.join());
    const rows = await readCodecarbonCsv(path);
    assert.deepEqual(rows.map(({ wue }) => wue), [1.8, undefined]);
    assert.equal(rows[1]!.ram_used_gb, undefined);
    assert.equal(rows[1]!.experiment_id, "");
  });
});

Deno.test("saveCodecarbonRow() keeps a run's earlier row when it appends", async () => {
  await withFile(async (path) => {
    const later = { ...row, duration: 7200 };
    await saveCodecarbonRow(path, row, { mode: "append" });
    await saveCodecarbonRow(path, later, { mode: "append" });
    const rows = await readCodecarbonCsv(path);
    assert.deepEqual(rows.map(({ duration }) => duration), [3600, 7200]);
    await saveCodecarbonRow(path, later, { mode: "update" });
    assert.equal((await readCodecarbonCsv(path)).length, 1);
  });
});

Deno.test("toCodecarbonRow() names the cloud and counts a whole machine once", async () => {
  const regions = await loadCloudRegions();
  const region = findCloudRegion(regions, "aws/sa-east-1");
  const whole = makeReading({
    ...reading,
    parts: [{ ...reading.parts[0]!, part: "machine" }],
    intensity: cloudIntensity(regions, region),
  });
  const cloud = toCodecarbonRow(whole, origin);
  assert.deepEqual(
    [cloud.cloud_provider, cloud.cloud_region, cloud.on_cloud],
    ["aws", "sa-east-1", "Y"],
  );
  assert.equal(cloud.country_iso_code, "BRA");
  assertClose(cloud.energy_consumed!, 0.3, { rtol: 1e-12 });
  assert.deepEqual(
    [cloud.cpu_energy, cloud.gpu_energy, cloud.ram_energy],
    [undefined, undefined, undefined],
  );
});

Deno.test("readCodecarbonCsv() says that there is no file", async () => {
  await assertFails(
    () => readCodecarbonCsv("/nowhere/emissions.csv"),
    DataError,
    /no file \/nowhere\/emissions.csv/,
  );
});

/** The two published files: seconds, kWh and kg as they print them. */
const PUBLISHED = [
  { size: "160m", seconds: 139_415.4926, kwh: 15.521334, kg: 5.672691 },
  { size: "460m", seconds: 1_009_909.6065, kwh: 112.974057, kg: 41.289419 },
];
for (const { size, seconds, kwh, kg } of PUBLISHED) {
  referenceTest(
    `readCodecarbonCsv() reads the published file of TTL-${size}`,
    `emissions/examples/emissions-${size}.csv`,
    async (path) => {
      const rows = await readCodecarbonCsv(path);
      assert.equal(rows.length, 1);
      const published = rows[0]!;
      const cut = { atol: 1e-6 }; // cut off after six decimals
      assertClose(published.duration!, seconds, { atol: 5e-5 });
      assertClose(published.energy_consumed!, kwh, cut);
      assertClose(published.emissions!, kg, cut);
      const { cpu_energy, gpu_energy, ram_energy } = published;
      assertClose(
        cpu_energy! + gpu_energy! + ram_energy!,
        published.energy_consumed!,
        { rtol: 1e-12 }, // sums of float64 in another order
      );
      assert.equal(published.longitude, undefined);
      assert.equal(published.gpu_model, "1 x NVIDIA A100-SXM4-40GB");
      assert.equal(published.codecarbon_version, "2.3.2");
      await appendsTo(path, published);
    },
  );
}

/** A copy of a published file takes a row of ours and keeps its own. */
async function appendsTo(path: string, published: CodecarbonRow) {
  await withFile(async (copy) => {
    await Deno.mkdir(dirname(copy));
    await Deno.copyFile(path, copy);
    await Deno.chmod(copy, 0o644);
    await saveCodecarbonRow(copy, row);
    assert.deepEqual(await readCodecarbonCsv(copy), [published, row]);
    const before = (await Deno.readTextFile(path)).trimEnd();
    assert.ok((await Deno.readTextFile(copy)).startsWith(before));
  });
}
