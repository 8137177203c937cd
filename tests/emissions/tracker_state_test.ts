import assert from "node:assert/strict";
import {
  continueTrackerState,
  type TrackerState,
  writeTrackerState,
} from "../../lib/emissions/tracker_state.ts";
import { ConfigError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFile } from "../support/in_folder.ts";

const ledger = {
  seconds: 30,
  rows: [{
    part: "gpu",
    label: "measured",
    method: "counter",
    joules: 9000.5,
    seconds: 30,
    missed: 1,
  }],
} as const;
const state: TrackerState = {
  project: "test",
  runId: "0b1c",
  startedAt: "2024-01-03T13:51:28.000Z",
  pue: 1,
  gramsPerKwh: 380.95,
  ledger,
  windows: [{ name: "epoch 1", ledger }],
};

const withPath = (fn: (path: string) => Promise<void>) =>
  inFile("run/emissions_state.json", fn);

Deno.test("continueTrackerState() begins anew without a file", async () => {
  await withPath(async (path) => {
    assert.equal(await continueTrackerState(path, state), state);
  });
});

Deno.test("continueTrackerState() reads what writeTrackerState() wrote", async () => {
  await withPath(async (path) => {
    await writeTrackerState(path, state);
    const fresh = { ...state, runId: "new", ledger: { seconds: 0, rows: [] } };
    const { format, ...saved } = await continueTrackerState(path, fresh) as
      & TrackerState
      & { format: string };
    assert.equal(format, "caderno-emissions-1");
    assert.deepEqual(saved, state);
  });
});

Deno.test("continueTrackerState() keeps a file that is not its own", async () => {
  await withPath(async (path) => {
    await writeTrackerState(path, state);
    const good = await Deno.readTextFile(path);
    const foreign = [
      "",
      "null",
      "7",
      '{"format": "something else"}',
      good.slice(0, good.length / 2),
      good.replace('"rows": [', '"rows": [null,'),
      good.replace('"rows": [', '"rows": [{"part": "cpu"},'),
      good.replace('"seconds": 30', '"seconds": -1'),
      good.replace('"joules": 9000.5', '"joules": "many"'),
      good.replace('"ledger"', '"lost"'),
      good.replace('"windows": [', '"windows": [null,'),
      good.replace('"windows"', '"doors"'),
    ];
    for (const text of foreign) {
      assert.notEqual(text, good);
      await Deno.writeTextFile(path, text);
      await assertFails(
        () => continueTrackerState(path, state),
        FormatError,
        /is not the state of a tracker .*move it away/,
      );
      assert.equal(await Deno.readTextFile(path), text);
    }
  });
});

Deno.test("continueTrackerState() does not go on under other assumptions", async () => {
  await withPath(async (path) => {
    await writeTrackerState(path, state);
    const cases: [Partial<TrackerState>, RegExp][] = [
      [{ pue: 1.2 }, /begun with pue 1, now it is 1.2/],
      [{ gramsPerKwh: 98.348 }, /gramsPerKwh 380.95, now it is 98.348/],
      [{ gramsPerKwh: null }, /gramsPerKwh 380.95, now it is null/],
      [{ project: "other" }, /with project test, now it is other/],
    ];
    for (const [setting, message] of cases) {
      await assertFails(
        () => continueTrackerState(path, { ...state, ...setting }),
        ConfigError,
        message,
      );
    }
  });
});
