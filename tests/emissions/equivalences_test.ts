import assert from "node:assert/strict";
import { loadEquivalences } from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("loadEquivalences() gives the 185 km of the TTL paper for 47.0 kg", async () => {
  const cars = (await loadEquivalences()).filter(({ thing }) =>
    thing === "car"
  );
  const kilometres = cars.map(({ gramsPerUnit }) => 47_000 / gramsPerUnit);
  // 47.0 kg / 0.409 kg a mile = 114.91 miles = 184.9 km (section 4.2: 185 km).
  assertClose(kilometres[0]!, 184.9, { atol: 0.05 });
  assert.equal(cars[0]!.unit, "km");
  // Later factors make more than twice as many kilometres of the same mass.
  assertClose(kilometres[1]!, 47_000 / 120, { rtol: 1e-15 });
  assert.ok(kilometres.at(-1)! > 2 * kilometres[0]!);
});
