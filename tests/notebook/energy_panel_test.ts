/** What the panel says of a simulated run, and that a terminal stays quiet. */
import assert from "node:assert/strict";
import {
  constantMeter,
  type EnergyMeter,
  track,
} from "../../lib/emissions/mod.ts";
import { EnergyPanel, EnergyPanelView } from "../../lib/notebook/mod.ts";
import { DISPLAY } from "../../lib/notebook/jupyter.ts";
import { DisplayHandle } from "../../lib/notebook/show.ts";
import { handClock } from "../emissions/simulated_machine.ts";

const cpu = () =>
  constantMeter({ part: "cpu", label: "modelled", method: "a < b" }, 50);

async function start(meters: readonly EnergyMeter[], total: number) {
  const clock = handClock();
  const tracker = await track({
    project: "panel",
    intervalSeconds: 0,
    meters,
    gramsPerKwh: 400,
    pue: 2,
    clock,
  });
  const handle = new DisplayHandle(undefined); // shows nothing
  return { clock, tracker, panel: new EnergyPanel(tracker, { total, handle }) };
}

Deno.test("EnergyPanel tells power, energy, carbon and the predicted end", async () => {
  const { clock, tracker, panel } = await start([cpu()], 101);
  await using _tracker = tracker;
  clock.now += 60; // the first step compiles
  await tracker.sample();
  const first = panel.view(1);
  assert.deepEqual(first.rows[2], [
    "at the end",
    "known after the first steps",
  ]);
  panel.update(1);
  clock.now += 36;
  await tracker.sample();
  // 50 W x 2 for 96 s: 9600 J, 2.67 Wh; at the end 60 s + 100 x 3.6 s.
  assert.deepEqual(Object.fromEntries(panel.view(11).rows), {
    power: "100.0 W",
    "so far": "2.67 Wh, 1.07 g CO₂eq",
    "at the end": "0.0117 kWh, 4.67 g CO₂eq",
    done: "10.9 %",
    "known by": "cpu modelled",
  });
});

Deno.test("EnergyPanel tells no reading from nothing", async () => {
  const broken: EnergyMeter = {
    part: "gpu",
    label: "measured",
    method: "counter",
    read: () => Promise.resolve(undefined),
  };
  const { clock, tracker, panel } = await start([broken], 10);
  await using _tracker = tracker;
  clock.now += 10;
  await tracker.sample();
  panel.update(1);
  const rows = Object.fromEntries(panel.view(2).rows);
  assert.equal(rows.power, "no reading");
  assert.equal(rows["so far"], "no reading");
  assert.equal(rows["known by"], "gpu no reading");
});

Deno.test("EnergyPanelView is HTML that no text can break, and one line", async () => {
  const { tracker } = await start([cpu()], 10);
  await using _tracker = tracker;
  const view = new EnergyPanelView(tracker.reading(), {
    watts: undefined,
    predicted: undefined,
    share: 0,
  });
  const media = view[DISPLAY]();
  assert.match(media["text/html"] as string, /^<table><tr><th .*<\/table>$/);
  assert.equal(media["text/plain"], view.toString());
  assert.match(view.toString(), /^power: no reading {2}so far: no reading/);
  assert.equal(Deno.inspect(view), view.toString());
});
