/** Estimates against hand calculations, places, and the meters of here. */
import assert from "node:assert/strict";
import { output, refused } from "./cli.ts";

const estimate = ["emissions", "estimate"];

Deno.test("emissions estimate goes from parameters and tokens to carbon", async () => {
  const text = await output([
    ...estimate,
    ...["--params", "162M", "--tokens", "3.7B", "--efficiency", "0.3"],
    ...["--gpu", "NVIDIA A100-SXM4-40GB", "--country", "BRA"],
    ...["--water", "1.8", "--embodied"],
  ]);
  // 3.5964e18 FLOPs at 93.6 TFLOP/s are 38,423 s; 400 W of them 4.269 kWh.
  assert.match(text, /^time: 10 h 40 min on 1 x A100 SXM4 40GB$/m);
  assert.match(text, /^energy: 4\.27 kWh with PUE 1$/m);
  assert.match(text, /^carbon: 420 g CO2eq .*, 164 g to 875 g by 6/m);
  assert.match(text, /^water: 7\.68 l$/m);
  // 150 kg x 38,423 s of 5 years.
  assert.match(text, /not in the above:\n[^]* 36\.6 g \(BLOOM study/);
  assert.match(text, /estimated and not measured/);
});

Deno.test("emissions estimate goes from hours, with the PUE of a cloud region", async () => {
  const text = await output([
    ...estimate,
    ...["--hours", "10", "--gpus", "4", "--watts", "250"],
    ...["--cloud", "aws/sa-east-1"],
  ]);
  assert.match(text, /^energy: 11\.7 kWh with PUE 1\.17$/m);
  assert.match(text, /^carbon: 866 g CO2eq at 74\.0 g\/kWh/m);
});

Deno.test("emissions estimate refuses what contradicts or is not known", async () => {
  await refused(estimate, /without --params/);
  await refused(
    [...estimate, "--hours", "10", "--params", "1M"],
    /give one or the other/,
  );
  await refused(
    [...estimate, "--hours", "10", "--gpu", "A100 SXM4 60GB"],
    /near names are A100 SXM4 40GB/,
  );
  await refused(
    [...estimate, "--hours", "10", "--cloud", "gcp/nowhere-east1"],
    /Cannot find the cloud region "gcp\/nowhere-east1"/,
  );
});

Deno.test("emissions place takes a stated intensity, as its errors say", async () => {
  await refused(
    ["emissions", "place", "--country", "XXX"],
    /intensity of "XXX": .*, or state gramsPerKwh, on the command line --inten/,
  );
  const place = ["emissions", "place", "--intensity", "123", "--pue", "1.5"];
  assert.match(await output(place), /^used: 123 g\/kWh, .*PUE 1\.5$/m);
});

Deno.test("emissions place shows every count with year and source", async () => {
  const text = await output(["emissions", "place", "--country", "Brazil"]);
  assert.match(text, /^Brazil +38\.5 +2023 +generation +MCTI SIRENE$/m);
  assert.match(text, /^used: 98\.348 g\/kWh, of 38\.5 to 205 by 6 counts/m);
  await refused(["emissions", "place"], /without --country or --cloud/);
});

Deno.test("emissions meters says how each part is known", async () => {
  const text = await output(["emissions", "meters"]);
  assert.match(text, /^cpu +(measured|modelled|assumed) /m);
  assert.match(text, /^processor: /m);
});

Deno.test("emissions ttl moves the runs to another card", async () => {
  const text = await output([
    ...["emissions", "ttl", "--gpu", "H100 SXM5 80GB"],
  ]);
  // 280.53 h x 312 / 989.4 TFLOP/s at 82.2 % of 700 W, by hand.
  const row = text.split("\n").find((line) => line.startsWith("TTL-460m pre"))!;
  assert.match(row, /3\.69 d +50\.9\d /);
  assert.match(row, / 8\.77 %$/, "as fast for its peak as before");
  assert.match(text, /GPU assumed as H100 SXM5 80GB/);
});
