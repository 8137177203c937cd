/** Akima's curve against SciPy 1.10's Akima1DInterpolator. */
import { akima } from "../../lib/scaling/akima.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const x = [0, 1, 2.5, 3, 4.2, 6];
const y = [5, 3, 2.2, 2.1, 2.4, 4];

Deno.test("akima() agrees with SciPy between the points", () => {
  const curve = akima(x, y);
  assertClose(
    [0.4, 1.7, 2.75, 3.5, 5.1].map(curve),
    [
      3.9796740740740737,
      2.5281478141587646,
      2.135465838509317,
      2.1426004464285713,
      3.043781887755102,
    ],
    { rtol: 1e-14 },
  );
});

Deno.test("akima() passes through its points and keeps straight lines", () => {
  assertClose(x.map(akima(x, y)), y, { rtol: 1e-14 });
  const line = akima(x, x.map((value) => 1 - 2 * value));
  assertClose([0.3, 2.7, 5].map(line), [0.4, -4.4, -9], { rtol: 1e-13 });
});

Deno.test("akima() needs three rising points", async () => {
  await assertFails(() => akima([0, 1], [1, 2]), DataError, /x = 0, 1/);
  await assertFails(() => akima([0, 1, 1], [1, 2, 3]), DataError, /rise|above/);
});
