/**
 * The notebook floor inside of the real kernel of Deno: what arrives at a
 * frontend, cell by cell.
 */
import assert from "node:assert/strict";
import { PLOTLY_MIME } from "../../lib/notebook/mod.ts";
import { liveKernel, type Output, START } from "./live_kernel.ts";

const IMPORTS = `import { figure } from "caderno";
import { interrupted, progress, setup, show, table } from "caderno/notebook";`;

function types(outputs: readonly Output[]): string[] {
  return outputs.map(({ type }) => type);
}

function mimes(output: Output | undefined): string[] {
  return Object.keys(output?.content.data ?? {}).sort();
}

Deno.test("notebook outputs in a live kernel", async (t) => {
  await using live = await liveKernel(IMPORTS);
  const { kernel, run, first } = live;

  await t.step("setup() brings plotly.js and one line", () => {
    assert.deepEqual(types(first), ["display_data", "execute_result"]);
    assert.match(first[0]!.content.data["text/html"], /DecompressionStream/);
    assert.match(first[1]!.content.data["text/plain"], /^Caderno .* · Deno /);
  });

  await t.step("a figure at the end of a cell shows in all forms", async () => {
    const outputs = await run(`const line = figure([{ y: [1, 2] }]); line`);
    assert.deepEqual(types(outputs), ["execute_result"]);
    assert.deepEqual(mimes(outputs[0]), [
      PLOTLY_MIME,
      "image/png",
      "text/html",
      "text/plain",
    ]);
    assert.deepEqual(outputs[0]!.content.metadata, {
      "image/png": { width: 720, height: 420 },
    });
  });

  await t.step("show() shows once, awaited or not", async () => {
    for (const code of ["await show(line)", "show(line)", "show(line);"]) {
      assert.deepEqual(types(await run(code)), ["display_data"], code);
    }
  });

  await t.step("a table at the end of a cell is HTML and text", async () => {
    const [result] = await run(`table([{ a: 1 }])`);
    assert.deepEqual(mimes(result), ["text/html", "text/plain"]);
  });

  await t.step("other values show as Deno prints them", async () => {
    const [result] = await run(`[1, { a: "b" }]`);
    assert.equal(result!.content.data["text/plain"], '[ 1, { a: "b" } ]');
    const [display] = await run(`show(new Map([[1, 2]])); 0`);
    assert.equal(display!.content.data["text/plain"], "Map(1) { 1 => 2 }");
  });

  await t.step("update() moves in place and ends with a picture", async () => {
    const start = performance.now();
    const outputs = await run(`const plot = await show(line);
      for (let i = 0; i <= 40; i++) {
        plot.update(figure([{ y: [0, i] }]));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }`);
    const [shown, ...updates] = outputs;
    assert.equal(shown!.type, "display_data");
    const limit = (performance.now() - start) / 300 + 2; // 300 ms apart
    assert.ok(updates.length >= 2 && updates.length <= limit);
    for (const { type, content } of updates) {
      assert.equal(type, "update_display_data");
      assert.deepEqual(content.transient, shown!.content.transient);
    }
    const last = updates.at(-1)!;
    assert.deepEqual(last.content.data[PLOTLY_MIME].data[0].y, [0, 40]);
    assert.equal(mimes(updates[0]).includes("image/png"), false);
    assert.equal(mimes(last).includes("image/png"), true);
  });

  await t.step("progress() is one row that ends with its cell", async () => {
    const start = performance.now();
    const outputs = await run(`const row = progress("Train", { total: 50 });
      for (let i = 1; i <= 50; i++) {
        row.update(i);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }`);
    assert.equal(outputs[0]!.type, "display_data");
    const limit = (performance.now() - start) / 100 + 2; // 100 ms apart
    assert.ok(outputs.length >= 3 && outputs.length <= limit);
    const { data } = outputs.at(-1)!.content;
    assert.match(data["text/plain"], /^Train {2}100 %/);
    assert.match(data["text/html"], /<progress value="1" max="1"/);
  });

  await t.step("errors that nobody catches are shown", async () => {
    const cells = {
      promise: `void Promise.reject(new RangeError("lost promise"));
        await new Promise((resolve) => setTimeout(resolve, 30))`,
      timer: `setTimeout(() => { throw new RangeError("lost timer"); }, 1);
        await new Promise((resolve) => setTimeout(resolve, 30))`,
      "last expression":
        `Promise.reject(new RangeError("lost last expression"))`,
    };
    for (const [name, code] of Object.entries(cells)) {
      const outputs = await run(code);
      assert.deepEqual(types(outputs), ["error"], name);
      assert.equal(outputs[0]!.content.ename, "RangeError");
      assert.equal(outputs[0]!.content.evalue, `lost ${name}`);
    }
  });

  await t.step("the stop button ends a loop and keeps the state", async () => {
    await run(
      `let count = 0;
      for (const stop = interrupted(); !stop.aborted; count++) {
        if (count === 3) ${START}
        await new Promise((resolve) => setTimeout(resolve, 10));
      }`,
      () => kernel.interrupt(),
    );
    const [result] = await run("count >= 4 && !interrupted().aborted");
    assert.equal(result!.content.data["text/plain"], "true");
  });

  await t.step("the stop button says when nothing listens", async () => {
    const wait = `${START} await new Promise((end) => setTimeout(end, 200))`;
    const stop = (): void => kernel.interrupt();
    await run(wait, stop); // ends the signal that the last step took
    const outputs = await run(wait, stop);
    assert.deepEqual(types(outputs), ["stream"]);
    assert.match(
      outputs[0]!.content.text,
      /^Nothing here looks at interrupted/,
    );
  });
});

Deno.test("notebook outputs for a file", async (t) => {
  await using live = await liveKernel(IMPORTS, true);
  const { run, first } = live;

  await t.step("setup() brings no plotly.js", () => {
    assert.deepEqual(types(first), ["execute_result"]);
  });

  await t.step("a figure has its data and its picture only", async () => {
    const [result] = await run(`const line = figure([{ y: [1, 2] }]); line`);
    assert.deepEqual(mimes(result), [PLOTLY_MIME, "image/png", "text/plain"]);
  });

  await t.step(
    "update() shows the last state only, progress() none",
    async () => {
      const outputs = await run(`const plot = await show(line);
      const row = progress("Train", { total: 5 });
      for (let i = 1; i <= 5; i++) {
        plot.update(figure([{ y: [0, i] }]));
        row.update(i);
        await new Promise((resolve) => setTimeout(resolve, 110));
      }`);
      assert.deepEqual(types(outputs), ["display_data", "update_display_data"]);
      assert.deepEqual(outputs[1]!.content.data[PLOTLY_MIME].data[0].y, [0, 5]);
    },
  );
});
