/**
 * Numbers as people type them: 250000, 2.5k, 1M, 3.7B tokens; 10MB, 64KiB of
 * text.
 *
 * @module
 */

/** What a number counts: things, bytes of text, or anything with a fraction. */
export type QuantityKind = "count" | "bytes" | "number";

const COUNT_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  b: 1e9,
  t: 1e12,
};

const BYTE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** What to type for each kind, for messages. */
export const QUANTITY_FORMS: Readonly<Record<QuantityKind, string>> = {
  count: "a whole number such as 250000, 2.5k or 1M",
  bytes: "a size such as 500000, 64KiB or 10MB",
  number: "a number such as 0.003 or 3e-3",
};

/**
 * The number that a text stands for, or undefined when it is none. Counts and
 * bytes are whole and not negative; units are taken in either case.
 */
export function parseQuantity(
  text: string,
  kind: QuantityKind,
): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?) ?([a-z]*)$/
    .exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const [, digits, unit = ""] = match;
  if (kind === "number") return unit === "" ? Number(digits) : undefined;
  const factor = (kind === "count" ? COUNT_UNITS : BYTE_UNITS)[unit];
  if (factor === undefined) return undefined;
  // 1.1 * 1e6 is not a whole number in binary: only the typed one must be.
  const exact = Number(digits) * factor;
  const whole = Math.round(exact);
  const isWhole = Math.abs(exact - whole) <= 1e-9 * Math.abs(exact);
  return isWhole && whole >= 0 && Number.isSafeInteger(whole)
    ? whole
    : undefined;
}
