/** Recorded traces of cards: counters that rise, stand, fail and start anew. */
import assert from "node:assert/strict";
import { openNvmlMeter } from "../../lib/emissions/mod.ts";
import type { Nvml, NvmlCard } from "../../lib/emissions/nvml.ts";
import { ConfigError, DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

/** A card that shows one entry of a trace after the other, then the last. */
function card(
  { energy = [undefined], power = [undefined], name = "NVIDIA A100" }: {
    energy?: (number | undefined)[];
    power?: (number | undefined)[];
    name?: string;
  },
): NvmlCard {
  const next = (trace: (number | undefined)[]) =>
    Promise.resolve(trace.length > 1 ? trace.shift() : trace[0]);
  return { name, energy: () => next(energy), power: () => next(power) };
}

/** The library with these cards; counts how often it was closed. */
function library(...cards: NvmlCard[]): Nvml & { closed: number } {
  return {
    cards,
    closed: 0,
    close() {
      this.closed++;
    },
  };
}

/** The first value is the one that is looked at when the card is opened. */
const counter = (...energy: (number | undefined)[]) =>
  card({ energy: [energy[0], ...energy] });

const rounding = { rtol: 1e-12 };

Deno.test("openNvmlMeter() takes differences of all cards", async () => {
  const nvml = library(counter(1e6, 1e6 + 3000), counter(5e6, 5e6 + 1500));
  const meter = await openNvmlMeter({ nvml });
  assert.equal(meter.method, "NVML energy counter of 2 x NVIDIA A100");
  assert.equal(meter.label, "measured");
  assert.deepEqual(await meter.read(100), { joules: 0, seconds: 0 });
  assert.deepEqual(await meter.read(110), { joules: 4500, seconds: 10 });
  meter.close!();
  assert.equal(nvml.closed, 1);
});

Deno.test("openNvmlMeter() covers a failed reading by the next one", async () => {
  const nvml = library(
    counter(0, 1000, undefined, 3000),
    counter(0, 500, 700, 1500),
  );
  const meter = await openNvmlMeter({ nvml });
  await meter.read(0);
  await meter.read(10);
  assert.equal(await meter.read(20), undefined);
  // 3000 - 1000 of the one, 1500 - 500 of the other, over both intervals.
  assert.deepEqual(await meter.read(30), { joules: 3000, seconds: 20 });
});

Deno.test("openNvmlMeter() gives no reading when a counter starts anew", async () => {
  const nvml = library(counter(50_000, 53_000, 200, 3200));
  const meter = await openNvmlMeter({ nvml });
  await meter.read(0);
  await meter.read(10);
  assert.equal(await meter.read(20), undefined, "the driver was loaded again");
  assertClose((await meter.read(30))!.joules, 3000, rounding);
});

Deno.test("openNvmlMeter() does not believe an absurd step", async () => {
  const nvml = library(counter(0, 1000, 1e9, 1e9 + 3000));
  const meter = await openNvmlMeter({ nvml });
  await meter.read(0);
  await meter.read(10);
  assert.equal(await meter.read(20), undefined, "100 MW");
  assertClose((await meter.read(30))!.joules, 3000, rounding);
});

Deno.test("openNvmlMeter() takes a counter that stands for no reading", async () => {
  const nvml = library(counter(1000, 1000, 1000, 4000));
  const meter = await openNvmlMeter({ nvml });
  await meter.read(0);
  assert.deepEqual(await meter.read(0.1), { joules: 0, seconds: 0.1 });
  assert.equal(await meter.read(15), undefined, "an idle card draws 20 W");
  assertClose((await meter.read(30))!.joules, 3000, rounding);
});

Deno.test("openNvmlMeter() falls back to power card by card", async () => {
  let looks = 0;
  const old: NvmlCard = {
    name: "Tesla P100",
    energy: () => Promise.resolve(undefined),
    power: () => Promise.resolve(++looks === 1 ? 250 : 350),
  };
  const nvml = library(counter(0, 2000, 3000, 4000), old);
  const meter = await openNvmlMeter({ nvml });
  try {
    assert.match(meter.method, /energy counter \(1 by power each 1 s\) of/);
    await meter.read(0);
    // The last power holds until the next look, 1 s later.
    assertClose((await meter.read(2))!.joules, 2000 + 500, rounding);
    assert.equal(await meter.read(6), undefined, "silence is not 0 W");
    while (looks < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    // Both cards since 2 s: 2000 J by the counter, 5 s of 350 W.
    assertClose((await meter.read(7))!.joules, 2000 + 1750, rounding);
  } finally {
    meter.close!();
  }
});

Deno.test("openNvmlMeter() meters the wanted cards only", async () => {
  const cards = () => library(counter(0, 1), counter(0, 500), counter(0, 700));
  const meter = await openNvmlMeter({ nvml: cards(), gpus: [1, 2] });
  assert.equal(meter.deviceNames!.length, 2);
  await meter.read(0);
  assertClose((await meter.read(10))!.joules, 1200, rounding);
  const nvml = cards();
  await assertFails(
    () => openNvmlMeter({ nvml, gpus: [3] }),
    ConfigError,
    /Cannot meter GPU 3: the machine has 0 to 2/,
  );
  assert.equal(nvml.closed, 1);
});

Deno.test("openNvmlMeter() refuses a card without any sensor", async () => {
  const nvml = library(counter(1000), card({ name: "Quadro K600" }));
  await assertFails(
    () => openNvmlMeter({ nvml }),
    DeviceError,
    /Quadro K600 shows neither energy nor power/,
  );
  assert.equal(nvml.closed, 1);
});
