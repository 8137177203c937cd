/** Progress lines: what is shown, how often, and how they end. */
import assert from "node:assert/strict";
import { progress, ProgressLine } from "../../lib/notebook/mod.ts";
import { terminalSink } from "../../lib/notebook/progress_line.ts";

Deno.test("terminalSink() writes over one line and ends it", async () => {
  const written: string[] = [];
  let now = 0;
  const line = new ProgressLine(
    "Train",
    { total: 4, unit: "steps", now: () => now },
    terminalSink((text) => written.push(text)),
  );
  now = 1000;
  line.update(1, "loss 2.5");
  now = 2000;
  line.update(4); // too soon to be shown, but the last state is
  await line.finish();
  assert.deepEqual(written, [
    "\rTrain  25.0 %  1 steps/s  3.00 s left  loss 2.5\x1b[K",
    "\rTrain  100 %  2 steps/s  in 2.00 s  loss 2.5\x1b[K\n",
  ]);
});

Deno.test("ProgressLine ends once, also by await using", async () => {
  const ends: boolean[] = [];
  const line = new ProgressLine("Load", {}, (_, isLast) => {
    ends.push(isLast);
    return Promise.resolve();
  });
  {
    await using scoped = line;
    scoped.update(1);
    assert.equal(scoped.done, 1);
  }
  await line.finish();
  line.update(2);
  assert.deepEqual(ends, [false, true]);
});

Deno.test("ProgressLine shows ten states a second at most", async () => {
  let count = 0;
  const line = new ProgressLine("Load", { total: 1000 }, () => {
    count++;
    return Promise.resolve();
  });
  const start = performance.now();
  for (let i = 1; i <= 50; i++) {
    line.update(i);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const tenths = Math.ceil((performance.now() - start) / 100);
  await line.finish();
  assert.ok(count >= 3 && count <= tenths + 2, `${count} in ${tenths} tenths`);
});

Deno.test("progress() is silent where nobody watches", async () => {
  const module = new URL("../../lib/notebook/mod.ts", import.meta.url);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { progress } from "${module}";
      const line = progress("Train", { total: 2 });
      line.update(1); line.update(2); await line.finish();`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  assert.deepEqual([stdout.length, stderr.length], [0, 0]);
  const line = progress("Here too");
  line.update(1);
  await line.finish();
  assert.equal(line.done, 1);
});
