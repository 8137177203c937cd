/**
 * A curve in one line of text, of blocks that are eighths of a line high, and
 * a bar of blocks that are eighths of a letter wide.
 *
 * @module
 */

const HEIGHTS = "▁▂▃▄▅▆▇█";
const WIDTHS = " ▏▎▍▌▋▊▉";

/** Means of `count` runs of neighbours that are as equally long as they can be. */
export function resampled(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => {
    const begin = Math.floor(i * values.length / count);
    const end = Math.floor((i + 1) * values.length / count);
    let sum = 0;
    for (let j = begin; j < end; j++) sum += values[j]!;
    return sum / (end - begin);
  });
}

/**
 * "█▆▄▃▂▂▁▁": from the lowest value at the bottom to the highest on top. Heights
 * are logarithmic where all values are positive, or a loss that fell early would
 * be a flat line.
 *
 * @param width letters at most; 0 gives an empty text
 */
export function sparkline(values: readonly number[], width: number): string {
  const means = resampled(values.filter(Number.isFinite), Math.max(0, width));
  const heights = means.every((mean) => mean > 0) ? means.map(Math.log) : means;
  const low = Math.min(...heights);
  const span = Math.max(...heights) - low;
  return heights.map((height) => {
    const share = span > 0 ? (height - low) / span : 0;
    return HEIGHTS[Math.min(7, Math.floor(share * 8))]!;
  }).join("");
}

/**
 * "████▌·····": a share of a line.
 *
 * @param share 0 to 1
 * @param width letters
 */
export function textBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const rest = eighths % 8;
  const begun = "█".repeat(whole) + (rest > 0 ? WIDTHS[rest]! : "");
  return begun.padEnd(width, "·");
}
