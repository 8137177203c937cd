/** Numbers as people type them. */
import assert from "node:assert/strict";
import { parseQuantity } from "../../../tools/commands/quantity.ts";

Deno.test("parseQuantity() reads counts with and without a unit", () => {
  const cases: [string, number | undefined][] = [
    ["0", 0],
    ["250000", 250_000],
    ["2.5k", 2500],
    ["1.1M", 1_100_000],
    ["3.7B", 3_700_000_000],
    ["1t", 1e12],
    ["1e6", 1_000_000],
    [" 4 k ", 4000],
    ["1.5", undefined],
    ["0.0001k", undefined],
    ["-3", undefined],
    ["1e30", undefined], // not counted exactly
    ["", undefined],
    ["k", undefined],
    ["1kk", undefined],
    ["1MB", undefined],
    ["Infinity", undefined],
    ["0x10", undefined],
  ];
  for (const [text, wanted] of cases) {
    assert.equal(parseQuantity(text, "count"), wanted, text);
  }
});

Deno.test("parseQuantity() tells decimal from binary bytes", () => {
  const cases: [string, number | undefined][] = [
    ["10MB", 10_000_000],
    ["64KiB", 65_536],
    ["1.5GiB", 1_610_612_736],
    ["7b", 7],
    ["500", 500],
    ["2M", undefined],
  ];
  for (const [text, wanted] of cases) {
    assert.equal(parseQuantity(text, "bytes"), wanted, text);
  }
});

Deno.test("parseQuantity() reads numbers without a unit only", () => {
  const cases: [string, number | undefined][] = [
    ["3e-3", 0.003],
    [".5", 0.5],
    ["-1", -1],
    ["1e19", 1e19],
    ["1k", undefined],
    ["NaN", undefined],
  ];
  for (const [text, wanted] of cases) {
    assert.equal(parseQuantity(text, "number"), wanted, text);
  }
});
