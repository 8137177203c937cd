/** Runs of words are found whatever their case, and only whole ones. */
import assert from "node:assert/strict";
import { ContaminationCheck } from "../../lib/eval/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const ITEMS = [
  { id: "in", texts: ["Quantas pernas tem um gato preto?", "Ele tem quatro."] },
  { id: "out", texts: ["Quantas pernas tem uma aranha viva?"] },
  { id: "short", texts: ["Por quê?", "Porque sim."] },
];

Deno.test("ContaminationCheck finds items across case and accents", () => {
  const check = new ContaminationCheck(ITEMS, 4);
  check.add({ name: "a", text: "Nada aqui tem um gato." });
  check.add({ name: "b", text: "diz: QUANTAS PERNAS — tem um cão?" });
  check.add({ name: "c", text: "pernas tem um gato, quantas pernas tem um?" });
  const report = check.report();
  assert.deepEqual(report, {
    items: 3,
    tooShort: 1,
    documents: 3,
    // Runs of 4: "quantas pernas tem um", "pernas tem um gato" and "tem um gato
    // preto"; two of the three are there. "ele tem quatro" has three words.
    found: [{
      id: "in",
      share: 2 / 3,
      document: "b",
      words: "quantas pernas tem um",
    }],
  });
});

Deno.test("ContaminationCheck sorts by share and asks for 13 words", () => {
  const words = Array.from({ length: 20 }, (_, i) => `p${i}`);
  const check = new ContaminationCheck([
    { id: "half", texts: [[...words.slice(0, 13), "fim"].join(" ")] },
    { id: "whole", texts: [words.slice(2, 15).join(" ")] },
    { id: "twelve", texts: [words.slice(0, 12).join(" ")] },
  ]);
  check.add({ name: "d", text: words.join(" ") });
  const { found, tooShort } = check.report();
  assert.deepEqual(found.map(({ id, share }) => [id, share]), [
    ["whole", 1],
    ["half", 0.5],
  ]);
  assert.equal(tooShort, 1);
});

Deno.test("ContaminationCheck refuses what it cannot look for", async () => {
  await assertFails(
    () => new ContaminationCheck([]),
    DataError,
    /no items/,
  );
  await assertFails(
    () => new ContaminationCheck(ITEMS, 0),
    ConfigError,
    /runs of 0 words/,
  );
});
