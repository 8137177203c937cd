/** A run in words: whole parts, lines that fit, and nothing that moves a cursor. */
import assert from "node:assert/strict";
import { runLines, RunStatus } from "../../lib/notebook/mod.ts";
import { cutToWidth, runRows } from "../../lib/notebook/run_rows.ts";
import { madeUpRun, stepRecord } from "./run_records.ts";

function statusOf(steps: number): RunStatus {
  const status = new RunStatus({
    name: "runs/gato",
    steps: 100,
    energyLabel: "cpu modelled",
  });
  for (const record of madeUpRun(steps)) status.add(record);
  return status;
}

Deno.test("runLines() tells everything about a run where there is room", () => {
  const lines = runLines(statusOf(60), { columns: 80, rows: 24 });
  assert.equal(
    lines.join("\n"),
    `runs/gato
progress    ${
      "█".repeat(7)
    }▎····  60.0 %  step 60 of 100  1 min 20 s left  6.00k tokens
loss        1.033  smoothed 1.601  █▇▆▅▅▅▄▄▄▃▃▃▃▃▃▃▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
held out    1.273 at step 50
update      learning rate 1.00e-3  gradient norm 0.500
speed       50.0 tokens/s  5.00 GFLOP/s  25.0 % MFU  1.00 MiB at the peak
energy      1.00 Wh  30.0 W  cpu modelled
checkpoint  step 50  run/step_50
sample      step 50  Era uma vez um gato`,
  );
});

Deno.test("runLines() fits every terminal and cuts no number", () => {
  const status = statusOf(60);
  const whole = new Set(
    runRows(status).flatMap(({ label, parts }) =>
      label === "sample" || label === "checkpoint" ? [] : parts
    ),
  );
  for (let columns = 24; columns <= 200; columns += 4) {
    for (const rows of [2, 5, 30]) {
      const lines = runLines(status, { columns, rows });
      assert.ok(lines.length < rows, `${lines.length} lines of ${rows}`);
      for (const line of lines) assert.ok(line.length < columns, line);
      const words = lines.slice(1, 7).flatMap((line) =>
        line.replace(/^(progress|loss|held out|update|speed|energy) +/, "")
          .split(/ {2,}/)
      );
      for (const part of words.filter((text) => !/^[▁-▏·]+$/.test(text))) {
        assert.ok(whole.has(part), `${columns}: ${part}`);
      }
    }
  }
});

Deno.test("runLines() says how a run ended", () => {
  const size = { columns: 80, rows: 24 };
  assert.match(
    runLines(statusOf(60), size, "stopped")[1]!,
    /stopped after 2 min 0 s/,
  );
  assert.match(runLines(statusOf(0), size)[1]!, /0 % {2}step 0 of 100$/);
  assert.match(runLines(statusOf(0), size)[2]!, /known after the first step/);
});

Deno.test("runLines() lets no sample move the cursor", () => {
  const status = statusOf(0);
  const texts = ["a\x1b[2Jb\u009b5Ac\r\n\td\u202ee"];
  status.add({ kind: "sample", step: 3, texts });
  const line = runLines(status, { columns: 80, rows: 24 }).at(-1)!;
  assert.equal(line, "sample      step 3  a [2Jb 5Ac d e");
});

Deno.test("runRows() tells the loss scale of mixed precision", () => {
  const status = statusOf(0);
  status.add(stepRecord(1, { lossScale: 65536, skippedSteps: 3 }));
  assert.deepEqual(runRows(status).find((r) => r.label === "update")!.parts, [
    "learning rate 1.00e-3",
    "gradient norm 0.500",
    "loss scale 65,536",
    "3 skipped",
  ]);
});

Deno.test("runRows() says what is not finite", () => {
  const status = statusOf(0);
  const none = null as unknown as number; // as JSON has it
  status.add(stepRecord(1, { loss: none, gradientNorm: none }));
  const rows = runRows(status);
  assert.equal(
    rows.find(({ label }) => label === "loss")!.parts[0],
    "not finite",
  );
  assert.equal(
    rows.find(({ label }) => label === "update")!.parts[1],
    "gradient norm not finite",
  );
});

Deno.test("cutToWidth() counts columns, not letters", () => {
  assert.equal(cutToWidth("gato", 4), "gato");
  assert.equal(cutToWidth("gatos", 4), "gat…");
  assert.equal(cutToWidth("猫猫", 4), "猫猫");
  assert.equal(cutToWidth("猫猫猫", 4), "猫…");
  assert.equal(cutToWidth("a\u0303o", 2), "a\u0303o"); // ã of two letters
  assert.equal(cutToWidth("gato", 0), "");
});
