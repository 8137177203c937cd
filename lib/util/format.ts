/**
 * Numbers for people: short, with units.
 *
 * @module
 */

/** Rounds to `digits` significant digits without an exponent. */
function significant(x: number, digits: number): string {
  if (x === 0) return "0";
  const rounded = Number(x.toPrecision(digits)); // 9.999 has become 10
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toFixed(Math.max(0, Math.min(12, places)));
}

function scaled(
  x: number,
  base: number,
  units: readonly string[],
  digits: number,
): string {
  if (!Number.isFinite(x)) return String(x);
  let i = 0;
  let y = x;
  // 999.95 would print as "1000" with three digits: go up one unit before.
  const edge = base * (1 - 0.5 * 10 ** -digits);
  while (Math.abs(y) >= edge && i < units.length - 1) {
    y /= base;
    i++;
  }
  return `${i === 0 && Number.isInteger(y) ? y : significant(y, digits)}${
    units[i]
  }`;
}

/** 162417408 → "162M", 1234 → "1.23k". Units k, M, B, T. */
export function formatCount(n: number, digits = 3): string {
  return scaled(n, 1000, ["", "k", "M", "B", "T"], digits);
}

/** 1536 → "1.50 KiB". */
export function formatBytes(n: number): string {
  return scaled(n, 1024, [" B", " KiB", " MiB", " GiB", " TiB"], 3);
}

/** FLOPs or FLOP/s with the prefix of SI: 3.66e18 → "3.66 E". */
export function formatSi(x: number, unit = ""): string {
  const units = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
  return scaled(x, 1000, units.map((u) => ` ${u}${unit}`), 3).trimEnd();
}

/** 0.0123 → "12.3 ms", 75 → "1 min 15 s", 139415 → "38 h 44 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 1e-3) return `${significant(seconds * 1e6, 3)} µs`;
  if (seconds < 1) return `${significant(seconds * 1e3, 3)} ms`;
  if (seconds < 59.95) return `${significant(seconds, 3)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) {
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  return `${significant(seconds / 86400, 3)} d`;
}

/** 3.7e18 → "3.70e18"; exponents without sign or padding. */
export function formatScientific(x: number, digits = 3): string {
  return x.toExponential(digits - 1).replace("e+", "e");
}

/** A share as a percentage: 0.1234 → "12.3 %". */
export function formatPercent(share: number, digits = 3): string {
  return `${significant(share * 100, digits)} %`;
}

/**
 * Rows as a text table: the first row is the head, numbers are set right.
 *
 * @example
 * ```ts
 * formatTable([["run", "loss"], ["a", 2.5]]);
 * ```
 */
export function formatTable(
  rows: readonly (readonly (string | number)[])[],
): string {
  const text = rows.map((row) => row.map(String));
  const columns = Math.max(0, ...text.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, c) => Math.max(...text.map((row) => row[c]?.length ?? 0)),
  );
  const isNumeric = widths.map((_, c) =>
    rows.length > 1 && rows.slice(1).every((row) => typeof row[c] === "number")
  );
  const lines = text.map((row) =>
    row.map((cell, c) =>
      isNumeric[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)
    ).join("  ").trimEnd()
  );
  lines.splice(1, 0, widths.map((w) => "-".repeat(w)).join("  "));
  return lines.join("\n");
}
