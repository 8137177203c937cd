/**
 * A run in the real kernel: what changes in place while it goes on, after the
 * stop button, and for a run of somebody else.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PLOTLY_MIME, RunView } from "../../lib/notebook/mod.ts";
import { DISPLAY } from "../../lib/notebook/jupyter.ts";
import { RunPanel } from "../../lib/notebook/run_view.ts";
import { inFolder } from "../support/in_folder.ts";
import { liveKernel, type Output, START } from "./live_kernel.ts";
import { writeRecords, writeRunSettings } from "./run_folder.ts";
import { madeUpRun, stepRecord } from "./run_records.ts";

const records = fileURLToPath(new URL("./run_records.ts", import.meta.url));
const IMPORTS = `import { madeUpRun } from ${JSON.stringify(records)};
import { interrupted, runView, setup, watchRun } from "caderno/notebook";
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));`;

/** Display ids in the order in which they came up. */
function idsOf(outputs: readonly Output[]): string[] {
  return [
    ...new Set(outputs.map(({ content }) => content.transient?.display_id)),
  ].filter((id) => id !== undefined);
}

const lastOf = (outputs: readonly Output[], id: string | undefined) =>
  outputs.findLast(({ content }) => content.transient?.display_id === id)!
    .content.data;

/** Value of a cell; what a stopped one left to draw may come before it. */
const resultOf = (outputs: readonly Output[]) =>
  outputs.find(({ type }) => type === "execute_result")!
    .content.data["text/plain"];

Deno.test("a run in a live kernel", async (t) => {
  await using live = await liveKernel(IMPORTS);
  const { kernel, run } = live;

  await t.step("runView() changes two outputs in place", async () => {
    const begun = performance.now();
    const outputs = await run(`const all = madeUpRun(100);
      const view = await runView({ name: "gato", steps: 100 });
      for (const record of all) { view.add(record); await pause(7); }`);
    const [panel, plot] = idsOf(outputs);
    assert.equal(idsOf(outputs).length, 2);
    const most = 2 * ((performance.now() - begun) / 300 + 3); // 300 ms apart
    assert.ok(outputs.length >= 6 && outputs.length <= most);
    const { "text/plain": text, "text/html": html } = lastOf(outputs, panel);
    assert.match(text, /^gato\nprogress .* 100 % {2}step 100 of 100 {2}done/);
    assert.match(html, /<progress value="1" max="1".*<th.*>held out<\/th>/);
    const curve = lastOf(outputs, plot)[PLOTLY_MIME].data[0];
    assert.equal(curve.x.length, 100);
    assert.ok(lastOf(outputs, plot)["image/png"]); // the cell has ended
  });

  await t.step("the stop button keeps the view, and it goes on", async () => {
    const loop = (from: number) =>
      `for (const record of all.slice(${from})) {
        view.add(record);
        if (record.step === 10 && ${from} === 0) ${START}
        await pause(10);
        if (stop.aborted) throw stop.reason;
      }`;
    const begin = `const view = await runView({ name: "gato", steps: 100 });
      const stop = interrupted(); ${loop(0)}`;
    const stopped = await run(begin, () => kernel.interrupt());
    assert.equal(stopped.at(-1)!.content.ename, "InterruptedError");
    const seen = Number(resultOf(await run("view.records.length")));
    assert.ok(seen >= 10 && seen < 100, `${seen}`);
    const outputs = await run(
      `await view.show(); const stop = interrupted(); ${loop(seen)}`,
    );
    const [panel] = idsOf(
      outputs.filter(({ type }) => type === "display_data"),
    );
    assert.match(lastOf(outputs, panel)["text/plain"], /step 100 of 100/);
    const isWhole = await run("view.records.length === all.length");
    assert.equal(resultOf(isWhole), "true");
  });

  await t.step("follow() shows the last state before an error", async () => {
    const outputs = await run(`async function* failing() {
        yield* all.slice(0, 30);
        throw new RangeError("gone wrong");
      }
      const view = await runView({ name: "gato", steps: 100 });
      await view.follow(failing());`);
    const [panel, plot] = idsOf(outputs);
    assert.equal(outputs.at(-1)!.content.ename, "RangeError");
    const seen = Number(resultOf(await run("view.status.step.step")));
    assert.ok(seen > 0 && seen <= 30);
    assert.match(
      lastOf(outputs, panel)["text/plain"],
      new RegExp(`step ${seen} of 100 {2}stopped`),
    );
    assert.equal(
      lastOf(outputs, plot)[PLOTLY_MIME].data[0].x.length,
      seen,
    );
  });

  await t.step(
    "watchRun() shows a run of somebody else to its end",
    () =>
      inFolder(async (folder) => {
        await writeRunSettings(folder, 50);
        const told = madeUpRun(50);
        await writeRecords(folder, told.slice(0, 20));
        const rest = async () => {
          await new Promise((go) => setTimeout(go, 400));
          await writeRecords(folder, told.slice(20));
        };
        let writing: Promise<void> | undefined;
        const outputs = await run(
          `${START} const watched = await watchRun(${JSON.stringify(folder)});
        watched.records.length`,
          () => writing = rest(),
        );
        await writing;
        const [panel] = idsOf(outputs);
        const states = outputs.filter(({ content }) =>
          content.transient?.display_id === panel
        ).map(({ content }) => content.data["text/plain"] as string);
        assert.ok(states.some((text) => text.includes("step 20 of 50")));
        assert.match(states.at(-1)!, /step 50 of 50 {2}done/);
        const result = outputs.find(({ type }) => type === "execute_result")!;
        assert.equal(result.content.data["text/plain"], `${told.length}`);
      }),
  );
});

Deno.test("RunView has the steps of a resumed run once", () => {
  const view = new RunView({ name: "run", steps: 9 });
  for (const step of [1, 2, 3, 4]) view.add(stepRecord(step));
  // Written beside the training: it is of an earlier step.
  view.add({ kind: "checkpoint", step: 2, path: "run/step_2" });
  view.add({ kind: "resume", step: 2, path: "run/step_2", skipped: [] });
  view.add(stepRecord(3, { loss: 7 }));
  assert.deepEqual(view.records.map(({ kind, step }) => [kind, step]), [
    ["step", 1],
    ["step", 2],
    ["checkpoint", 2],
    ["resume", 2],
    ["step", 3],
  ]);
  assert.deepEqual(view.figure().data[0]!.x, [100, 200, 300]);
  assert.equal(view.state, "running");
});

Deno.test("RunPanel is HTML that no text can break", () => {
  const view = new RunView({ name: "<b>", steps: 9 });
  view.add({ kind: "sample", step: 1, texts: ["</table>&"] });
  const panel = new RunPanel(view.status, "running");
  const media = panel[DISPLAY]();
  assert.match(media["text/html"] as string, /&lt;\/table&gt;&amp;<\/td>/);
  assert.equal(Deno.inspect(panel), media["text/plain"]);
});
