import assert from "node:assert/strict";
import {
  countNames,
  findGpuSpec,
  loadGpuSpecs,
  trainingFlopsPerSecond,
} from "../../lib/emissions/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const specs = await loadGpuSpecs();

Deno.test("findGpuSpec() knows a card by the names of drivers and trackers", () => {
  for (
    const name of [
      "1 x NVIDIA A100-SXM4-40GB",
      "NVIDIA A100-SXM4-40GB",
      "A100 SXM4 40GB",
    ]
  ) {
    const spec = findGpuSpec(specs, name);
    assert.equal(spec.name, "A100 SXM4 40GB");
    assert.equal(spec.tdpWatts, 400);
    assert.equal(spec.bf16FlopsPerSecond, 312e12);
  }
});

Deno.test("findGpuSpec() names near cards when it has not the one", async () => {
  await assertFails(
    () => findGpuSpec(specs, "NVIDIA A100-SXM4-60GB"),
    DataError,
    /near names are A100 SXM4 40GB/,
  );
});

Deno.test("loadGpuSpecs() leaves open what data sheets leave open", () => {
  const v100 = findGpuSpec(specs, "Tesla V100 SXM2");
  assert.equal(v100.bf16FlopsPerSecond, undefined);
  assert.equal(specs.length, 80);
});

Deno.test("countNames() groups equal cards", () => {
  assert.equal(countNames(["A", "B", "A"]), "2 x A, 1 x B");
  assert.equal(countNames([]), "");
});

Deno.test("trainingFlopsPerSecond() takes the fastest type that a card trains in", () => {
  const rate = (name: string) =>
    trainingFlopsPerSecond(findGpuSpec(specs, name))! / 1e12;
  assert.equal(rate("A100 SXM4 40GB"), 312); // bfloat16
  assert.equal(rate("Tesla V100 SXM2"), 125); // float16 on tensor cores
  assert.equal(rate("Tesla P40"), 11.76); // float32
});
