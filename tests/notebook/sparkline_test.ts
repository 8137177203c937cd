/** Curves and bars in one line of text, against what one draws by hand. */
import assert from "node:assert/strict";
import { resampled, sparkline, textBar } from "../../lib/notebook/sparkline.ts";
import { LossHistory } from "../../lib/notebook/loss_history.ts";

Deno.test("sparkline() goes from the lowest block to the highest", () => {
  // Powers of two: equal steps on a logarithmic height.
  const powers = [1, 2, 4, 8, 16, 32, 64, 128];
  assert.equal(sparkline(powers, 8), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline(powers.toReversed(), 8), "█▇▆▅▄▃▂▁");
  // Not all positive: linear.
  assert.equal(sparkline([-1, 0, 1], 8), "▁▅█");
});

Deno.test("sparkline() takes means of neighbours and leaves out what is none", () => {
  assert.equal(sparkline([1, 3, 30, 34], 2), "▁█");
  assert.equal(sparkline([NaN, 2, Infinity, 4], 9), "▁█");
  assert.equal(sparkline([5, 5, 5], 9), "▁▁▁");
  assert.equal(sparkline([], 9), "");
  assert.equal(sparkline([1, 2], 0), "");
});

Deno.test("resampled() uses every value once", () => {
  assert.deepEqual(resampled([1, 2, 3, 4, 5], 2), [1.5, 4]);
  assert.deepEqual(resampled([1, 2], 5), [1, 2]);
});

Deno.test("textBar() fills eighths of a letter", () => {
  assert.equal(textBar(0, 4), "····");
  assert.equal(textBar(0.5, 4), "██··");
  assert.equal(textBar(1 / 32, 4), "▏···");
  assert.equal(textBar(7 / 32, 4), "▉···");
  assert.equal(textBar(2, 4), "████");
});

Deno.test("LossHistory joins neighbours when it is full", () => {
  const history = new LossHistory();
  for (let step = 1; step <= 512; step++) history.add(step, step);
  assert.equal(history.means().length, 512);
  history.add(513, 513);
  const means = history.means();
  assert.equal(means.length, 257);
  assert.deepEqual([means[0], means[255], means[256]], [1.5, 511.5, 513]);
  for (let step = 514; step <= 100_000; step++) history.add(step, step);
  assert.ok(history.means().length <= 512);
  assert.ok(history.means().length > 256);
});

Deno.test("LossHistory forgets what came after a step", () => {
  const history = new LossHistory();
  for (let step = 1; step <= 10; step++) history.add(step, step);
  history.rewind(4);
  history.add(5, 50);
  assert.deepEqual(history.means(), [1, 2, 3, 4, 50]);
});
