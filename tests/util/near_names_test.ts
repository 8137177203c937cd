/** Names that somebody may have meant. */
import assert from "node:assert/strict";
import { describeNearNames, nearNames, plainName } from "../../lib/util/mod.ts";

Deno.test("plainName() drops accents, case and punctuation", () => {
  assert.equal(plainName("  São  Tomé & Príncipe "), "sao tome principe");
  assert.equal(plainName("A100-SXM4-40GB"), plainName("A100 SXM4 40GB"));
});

Deno.test("nearNames() lists the nearest first and no far ones", () => {
  const names = ["Brazil", "Benin", "South Korea", "North Korea", "Germany"];
  assert.deepEqual(nearNames("Brasil", names), ["Brazil"]);
  assert.deepEqual(nearNames("korea", names), ["South Korea", "North Korea"]);
  assert.deepEqual(nearNames("Atlantis", names), []);
  assert.deepEqual(nearNames("", names), []);
  assert.equal(describeNearNames("Brasil", names), "near names are Brazil");
  assert.equal(describeNearNames("Atlantis", names), "no name is near");
});

Deno.test("nearNames() finds an option that was mistyped", () => {
  const names = ["learning-rate", "tokens", "tokenizer", "text", "beta1"];
  const cases: [string, string | undefined][] = [
    ["lerning-rate", "learning-rate"],
    ["learnign-rate", "learning-rate"],
    ["token", "tokens"],
    ["beta3", "beta1"],
    ["txt", "text"],
    ["zzz", undefined],
  ];
  for (const [typed, wanted] of cases) {
    assert.equal(nearNames(typed, names)[0], wanted, typed);
  }
});
