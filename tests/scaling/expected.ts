/**
 * The published numbers that the fits are compared with, `expected.json` of the
 * reference data.
 *
 * @module
 */
import { referenceTest } from "../support/reference.ts";

/** One analysis of the file: whatever JSON holds. */
type Expected = ReturnType<typeof JSON.parse>;

/** A test with the numbers of one analysis, skipped where they are not there. */
export function expectedTest(
  name: string,
  analysis: string,
  fn: (expected: Expected) => void | Promise<void>,
): void {
  referenceTest(
    name,
    "scaling/expected.json",
    async (path) => fn(JSON.parse(await Deno.readTextFile(path))[analysis]),
  );
}
