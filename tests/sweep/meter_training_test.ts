/** Power of simulated meters while a tiny model trains. */
import assert from "node:assert/strict";
import { openDevice } from "../../lib/device/mod.ts";
import { constantMeter } from "../../lib/emissions/mod.ts";
import { meterTraining } from "../../lib/sweep/mod.ts";
import { assertClose } from "../support/assert_close.ts";

const about = { part: "machine", label: "assumed", method: "a label" } as const;
// Power is a mean over at least a tenth of a second.
const SMALL = { batchSize: 1, contextLength: 32, seconds: 0.15 };

Deno.test("meterTraining() gives speeds and the power meanwhile", async () => {
  using device = await openDevice("cpu");
  const way = { name: "CPU", device, precision: "float32" } as const;
  const meter = { project: "CPU", meters: [constantMeter(about, 30)] };
  const { speeds, leftOut, power } = await meterTraining(way, ["tiny-64"], {
    ...SMALL,
    meter,
  });
  assert.deepEqual(speeds.map(({ model }) => model), ["tiny-64"]);
  assert.deepEqual(leftOut, []);
  // Watts are joules over the seconds of a real clock.
  assertClose(power!.parts.map(({ watts }) => watts!), [30], { rtol: 1e-9 });
  const nothing = await meterTraining(way, [], { meter });
  assert.deepEqual(nothing, { speeds: [], leftOut: [], power: undefined });
});
