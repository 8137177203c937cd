import assert from "node:assert/strict";
import { nearNames, plainName } from "../../lib/emissions/near_names.ts";

Deno.test("plainName() drops accents, case and punctuation", () => {
  assert.equal(plainName("  São  Tomé & Príncipe "), "sao tome principe");
  assert.equal(plainName("A100-SXM4-40GB"), plainName("A100 SXM4 40GB"));
});

Deno.test("nearNames() lists the nearest first and no far ones", () => {
  const names = ["Brazil", "Benin", "South Korea", "North Korea", "Germany"];
  assert.equal(nearNames("Brasil", names), "near names are Brazil");
  assert.equal(
    nearNames("korea", names),
    "near names are South Korea, North Korea",
  );
  assert.equal(nearNames("Atlantis", names), "no name is near");
  assert.equal(nearNames("", names), "no name is near");
});
