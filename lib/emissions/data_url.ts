/**
 * Where the published tables of this folder lie.
 *
 * @module
 */

/** URL of a file below `data`, wherever the program was started. */
export function dataUrl(relative: string): URL {
  return new URL(`../../data/${relative}`, import.meta.url);
}
