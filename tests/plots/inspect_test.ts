/** Cells lie where their words are; what is not seen stays empty. */
import assert from "node:assert/strict";
import {
  plotAttention,
  plotLogitLens,
  plotNextTokens,
} from "../../lib/plots/mod.ts";

Deno.test("plotAttention() leaves the future empty", () => {
  const figure = plotAttention(["<s>", "b\n"], [1, 0, 0.25, 0.75]);
  assert.deepEqual(figure.data[0]!.z, [[1, null], [0.25, 0.75]]);
  const axis = figure.layout.xaxis as Record<string, unknown>;
  assert.deepEqual(axis.ticktext, ["&lt;s>", "b⏎"]);
});

Deno.test("plotNextTokens() has a bar a token and way", () => {
  const chances = { "at 1": [0.5, 0.2], "at 2": [0.3, 0.25] };
  const figure = plotNextTokens([" um", "\n"], chances);
  assert.deepEqual(figure.data.map(({ name, y }) => [name, y]), [
    ["at 1", [0.5, 0.2]],
    ["at 2", [0.3, 0.25]],
  ]);
  const axis = figure.layout.xaxis as Record<string, unknown>;
  assert.deepEqual(axis.ticktext, [" um", "⏎"]);
});

Deno.test("plotLogitLens() has a row a token and a column a layer", () => {
  const cell = (word: string, probability: number) => ({ word, probability });
  const figure = plotLogitLens(["a", "a"], [
    [cell("x", 0.1), cell(" ", 0.2)],
    [cell(" desenvolvimento", 0.9), cell("\n", 0.8)],
  ]);
  const [map] = figure.data;
  assert.deepEqual(map!.z, [[0.1, 0.9], [0.2, 0.8]]);
  assert.deepEqual(map!.text, [["x", "desenvolvim…"], ["␣", "⏎"]]);
  assert.deepEqual(map!.hovertext, [["x", " desenvolvimento"], ["␣", "⏎"]]);
  const axis = figure.layout.xaxis as Record<string, unknown>;
  assert.deepEqual(axis.ticktext, ["embedding", "layer 1"]);
});
