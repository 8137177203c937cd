/** Lengths and points of SVG paths against geometry done by hand. */
import assert from "node:assert/strict";
import {
  parsePath,
  pathLength,
  pointAt,
} from "../../lib/notebook/path_geometry.ts";
import { assertClose } from "../support/assert_close.ts";

const LENGTHS: [name: string, d: string, length: number][] = [
  ["absolute lines", "M0,0L3,4L3,10", 11],
  ["relative lines and their repetition", "m1 1l3 4 0 6", 11],
  ["horizontal and vertical lines", "M0 0H10V5h-4v-2", 21],
  ["a closed square", "M0,0H1V1H0Z", 4],
  ["two parts, the gap left out", "M0,0L0,5M100,100l3-4", 10],
  ["exponents and signs without space", "M1e1-2L1e1-5.5", 3.5],
];

for (const [name, d, length] of LENGTHS) {
  Deno.test(`pathLength() measures ${name}`, () => {
    assertClose(pathLength(parsePath(d)), length, { rtol: 1e-12 });
  });
}

Deno.test("pathLength() measures a quarter of a circle as a Bézier curve", () => {
  const k = 0.5522847498; // the usual control distance, good to 3e-4
  const path = parsePath(`M1,0C1,${k} ${k},1 0,1`);
  // 16 chords fall short by 1/24 of the squared angle of each: 4e-4.
  assertClose(pathLength(path), Math.PI / 2, { rtol: 1e-3 });
});

Deno.test("parsePath() puts points of a parabola on it", () => {
  for (const { x, y } of parsePath("M-1,1Q0,-1 1,1").points) {
    assertClose(y, x * x, { atol: 1e-12 });
  }
});

Deno.test("pointAt() walks along a path and stays at its ends", () => {
  const path = parsePath("M0,0H10V10");
  assert.deepEqual(pointAt(path, 4), { x: 4, y: 0 });
  assert.deepEqual(pointAt(path, 13), { x: 10, y: 3 });
  assert.deepEqual(pointAt(path, -1), { x: 0, y: 0 });
  assert.deepEqual(pointAt(path, 99), { x: 10, y: 10 });
  assert.deepEqual(pointAt(parsePath(""), 1), { x: 0, y: 0 });
});
