import assert from "node:assert/strict";
import { constantMeter, powerMeter } from "../../lib/emissions/mod.ts";

const about = { part: "gpu", label: "measured", method: "test" } as const;

Deno.test("powerMeter() covers the time of a failed reading by the next", async () => {
  const powers = [50, 100, undefined, 200];
  const asked: number[] = [];
  const meter = powerMeter(about, (seconds) => {
    asked.push(seconds);
    return Promise.resolve(powers.shift());
  });
  assert.deepEqual(await meter.read(5), { joules: 0, seconds: 0 });
  assert.deepEqual(await meter.read(7), { joules: 200, seconds: 2 });
  assert.equal(await meter.read(8), undefined);
  assert.deepEqual(await meter.read(10), { joules: 600, seconds: 3 });
  assert.deepEqual(asked, [0, 2, 1, 3]);
});

Deno.test("powerMeter() starts with the first reading that works", async () => {
  const powers = [undefined, 100, 100];
  const meter = powerMeter(about, () => Promise.resolve(powers.shift()));
  assert.equal(await meter.read(0), undefined);
  assert.deepEqual(await meter.read(10), { joules: 0, seconds: 0 });
  assert.deepEqual(await meter.read(11), { joules: 100, seconds: 1 });
});

Deno.test("constantMeter() says what it is told", async () => {
  const meter = constantMeter({ ...about, label: "assumed" }, 25);
  await meter.read(0);
  assert.deepEqual(await meter.read(4), { joules: 100, seconds: 4 });
  assert.equal(meter.label, "assumed");
});
