/** What a run keeps of its energy, also beside a file that is not ours. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  constantMeter,
  readCodecarbonCsv,
  track,
} from "../../../lib/emissions/mod.ts";
import {
  readEmissions,
  saveEmissions,
} from "../../../tools/commands/run_emissions.ts";
import { RunFolder } from "../../../tools/commands/run_folder.ts";
import { exists } from "../../../lib/util/mod.ts";
import { handClock } from "../../emissions/simulated_machine.ts";
import { inFolder } from "../../support/in_folder.ts";
import { finishCli, output, startCli, until } from "./cli.ts";

async function tracked() {
  const clock = handClock();
  const about = { part: "cpu", label: "assumed", method: "36 W" } as const;
  const tracker = await track({
    project: "run",
    intervalSeconds: 0,
    meters: [constantMeter(about, 36)],
    country: "BRA",
    clock,
  });
  clock.now += 100;
  await tracker.stop();
  return tracker;
}

Deno.test("saveEmissions() writes a reading and a row", () =>
  inFolder(async (folder) => {
    const run = new RunFolder(folder);
    const tracker = await tracked();
    assert.equal(await readEmissions(run), undefined);
    await saveEmissions(run, tracker);
    await saveEmissions(run, tracker); // the row of the run is replaced
    assert.equal((await readEmissions(run))!.energyJoules, 3600);
    const rows = await readCodecarbonCsv(run.emissionsCsv);
    assert.deepEqual(rows.map((row) => row.run_id), [tracker.runId]);
  }));

Deno.test("saveEmissions() keeps a foreign or damaged emissions.csv", () =>
  inFolder(async (folder) => {
    const run = new RunFolder(folder);
    const tracker = await tracked();
    for (const text of ["a,b\n1,2\n", "timestamp,proj"]) {
      await Deno.writeTextFile(run.emissionsCsv, text);
      await saveEmissions(run, tracker);
      assert.equal(await Deno.readTextFile(run.emissionsCsv), text);
      const beside = join(folder, `emissions_${tracker.runId}.csv`);
      const [row] = await readCodecarbonCsv(beside);
      assert.equal(row!.energy_consumed, 0.001);
    }
  }));

Deno.test("caderno train goes on counting after it was killed", () =>
  inFolder(async (cwd) => {
    const run = new RunFolder(join(cwd, "run"));
    const sizes = ["--layers", "1", "--hidden", "16", "--heads", "2"];
    const child = startCli([
      ...["train", "--out", "run", "--synthetic", "100KB", "--tokens", "80k"],
      ...[...sizes, "--context", "16", "--vocab", "400"],
      ...["--checkpoint-every", "100", "--country", "BRA"],
    ], { cwd });
    // The first checkpoint samples, and writes the account.
    await until(child, () => exists(run.emissions));
    child.kill("SIGKILL");
    await finishCli(child);
    const before = JSON.parse(await Deno.readTextFile(run.trackerState));
    assert.ok(before.ledger.seconds > 0, "the state was saved as it went");

    await output(["train", "--out", "run", "--resume"], { cwd });
    const after = JSON.parse(await Deno.readTextFile(run.trackerState));
    assert.equal(after.runId, before.runId);
    assert.ok(after.ledger.seconds > before.ledger.seconds);
    const joules = (state: { ledger: { rows: { joules: number }[] } }) =>
      state.ledger.rows.map((row) => row.joules);
    for (const [i, counted] of joules(before).entries()) {
      assert.ok(
        joules(after)[i]! >= counted,
        "nothing that was counted is lost",
      );
    }
    const rows = await readCodecarbonCsv(run.emissionsCsv);
    assert.deepEqual(rows.map((row) => row.run_id), [before.runId]);
    assert.equal(rows[0]!.duration, after.ledger.seconds);
  }));
