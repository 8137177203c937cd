/**
 * Error classes: one for each kind of thing that can be wrong.
 *
 * A message says what was tried, what came and what was wanted, starts with a
 * capital, has no full stop at its end, and names sizes:
 * "Cannot multiply (4, 8) by (16, 2): inner sizes 8 and 16 must match".
 *
 * @module
 */

/** Shapes that do not fit together. */
export class ShapeError extends RangeError {
  override name = "ShapeError";
}

/** An element type that an operator does not take. */
export class DTypeError extends TypeError {
  override name = "DTypeError";
}

/** A tensor or device used after it was freed. */
export class FreedError extends ReferenceError {
  override name = "FreedError";
}

/** A device that is absent, lost, out of memory or over a limit. */
export class DeviceError extends Error {
  override name = "DeviceError";
}

/** A setting out of range, or two that contradict each other. */
export class ConfigError extends RangeError {
  override name = "ConfigError";
}

/** A file whose bytes are not what its format promises. */
export class FormatError extends SyntaxError {
  override name = "FormatError";
}

/** Data that cannot be used: empty, missing, not finite, too few rows. */
export class DataError extends Error {
  override name = "DataError";
}

/** Work that was stopped on request (stop button, Ctrl-C, AbortSignal). */
export class InterruptedError extends Error {
  override name = "InterruptedError";
}

/**
 * Checks something that only a defect of this library can make false.
 *
 * @throws {Error} with the prefix "Internal:" when `condition` is false
 */
export function invariant(
  condition: unknown,
  message: string | (() => string),
): asserts condition {
  if (condition) return;
  throw new Error(
    `Internal: ${typeof message === "string" ? message : message()}`,
  );
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
