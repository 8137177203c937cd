/**
 * Assertions for numbers and for error messages.
 *
 * @module
 */
import assert from "node:assert/strict";

/** How far two numbers may be apart: `atol + rtol * |expected|`. */
export interface Tolerance {
  rtol?: number;
  atol?: number;
  /** What is compared, for the message. */
  name?: string;
}

/**
 * Compares numbers or arrays of numbers element by element and reports the
 * worst one. NaN never passes, not even against NaN.
 */
export function assertClose(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  { rtol = 0, atol = 0, name = "value" }: Tolerance,
): void {
  const a = typeof actual === "number" ? [actual] : actual;
  const e = typeof expected === "number" ? [expected] : expected;
  assert.equal(a.length, e.length, `${name}: number of elements`);
  let worst = -1, excess = 0;
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs(a[i]! - e[i]!);
    const over = error - (atol + rtol * Math.abs(e[i]!));
    if (Number.isNaN(over) || over > excess) {
      worst = i;
      excess = Number.isNaN(over) ? Infinity : over;
    }
  }
  if (worst < 0) return;
  assert.fail(
    `${name}[${worst}] of ${a.length}: got ${a[worst]}, wanted ${e[worst]} ` +
      `(rtol ${rtol}, atol ${atol})`,
  );
}

// deno-lint-ignore no-explicit-any -- any class, whatever it is made from
type ErrorClass = abstract new (...args: any[]) => Error;

/** Runs `fn`, which must throw that class with a message that matches. */
export async function assertFails(
  fn: () => unknown,
  type: ErrorClass,
  pattern: RegExp,
): Promise<void> {
  let thrown: unknown;
  try {
    await fn();
  } catch (error) {
    thrown = error;
  }
  assert.ok(
    thrown instanceof type,
    `wanted ${type.name}, got ${thrown === undefined ? "no error" : thrown}`,
  );
  assert.match(thrown.message, pattern);
}
