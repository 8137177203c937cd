/**
 * What both passes of attention share: parameters, places of heads, and who
 * sees whom. AssemblyScript; imported by the kernel families.
 */

/** CPU_QUERIES and CPU_KEYS of lib/kernels/attention.ts. */
export const QUERIES: i32 = 32;
export const KEYS: i32 = 256;

// Parameters, from the first word behind the buffers.
// @ts-ignore: decorator
@inline
export function queriesOf(p: usize): i32 {
  return load<i32>(p, 4);
}
// @ts-ignore: decorator
@inline
export function keysOf(p: usize): i32 {
  return load<i32>(p, 8);
}
// @ts-ignore: decorator
@inline
export function headsOf(p: usize): i32 {
  return load<i32>(p, 12);
}
// @ts-ignore: decorator
@inline
export function kvHeadsOf(p: usize): i32 {
  return load<i32>(p, 16);
}
// @ts-ignore: decorator
@inline
export function headSizeOf(p: usize): i32 {
  return load<i32>(p, 20);
}
// @ts-ignore: decorator
@inline
export function startOf(p: usize): i32 {
  return load<i32>(p, 24);
}
// @ts-ignore: decorator
@inline
function capacityOf(p: usize): i32 {
  return load<i32>(p, 28);
}
// @ts-ignore: decorator
@inline
export function scaleOf(p: usize): f32 {
  return load<f32>(p, 32);
}
// @ts-ignore: decorator
@inline
function isCausal(p: usize): bool {
  return load<i32>(p, 36) != 0;
}
// @ts-ignore: decorator
@inline
function windowOf(p: usize): i32 {
  return load<i32>(p, 40);
}
// @ts-ignore: decorator
@inline
function hasDocuments(p: usize): bool {
  return load<i32>(p, 44) != 0;
}

/** First key that query i sees, by causality and window. */
// @ts-ignore: decorator
@inline
export function firstKey(p: usize, i: i32): i32 {
  return max(0, startOf(p) + i + 1 - windowOf(p));
}
/** The key after the last one that query i sees. */
// @ts-ignore: decorator
@inline
export function endKey(p: usize, i: i32): i32 {
  const ahead = isCausal(p) ? 1 : windowOf(p);
  return min(keysOf(p), startOf(p) + i + ahead);
}

/** Byte offset of the head of a query (b, i, h). */
// @ts-ignore: decorator
@inline
export function queryAt(p: usize, b: i32, i: i32, h: i32): usize {
  const head = (b * queriesOf(p) + i) * headsOf(p) + h;
  return ((head * headSizeOf(p)) as usize) << 2;
}

/** Byte offset of the head of the first key of (b, g). */
// @ts-ignore: decorator
@inline
export function keyAt(p: usize, b: i32, g: i32): usize {
  const head = b * capacityOf(p) * kvHeadsOf(p) + g;
  return ((head * headSizeOf(p)) as usize) << 2;
}

/** Address of the documents of the positions of b. */
// @ts-ignore: decorator
@inline
export function documentsAt(p: usize, documents: usize, b: i32): usize {
  return documents + ((b * capacityOf(p) as usize) << 2);
}

/** Least and greatest document of n positions, in the low and high word. */
// @ts-ignore: decorator
@inline
function rangeOf(ids: usize, n: i32): i64 {
  let low = i32.MAX_VALUE, high = i32.MIN_VALUE;
  for (let i = 0; i < n; i++) {
    const document = load<i32>(ids + ((i as usize) << 2));
    low = min(low, document);
    high = max(high, document);
  }
  return ((high as i64) << 32) | (low as u32 as i64);
}

/**
 * Whether the documents of n keys from j on and of `rows` queries from `first`
 * on cannot meet, by their ranges; `ids` are those of a row of the batch.
 */
export function isApart(
  p: usize,
  ids: usize,
  first: i32,
  rows: i32,
  j: i32,
  n: i32,
): bool {
  if (!hasDocuments(p)) return false;
  const x = rangeOf(ids + ((startOf(p) + first as usize) << 2), rows);
  const y = rangeOf(ids + ((j as usize) << 2), n);
  return ((x >> 32) as i32) < (y as i32) || ((y >> 32) as i32) < (x as i32);
}

/**
 * Hides what query i does not see from its scores of n keys from j on, and
 * what lies behind them in the row of `bytes`.
 */
export function hideUnseen(
  p: usize,
  ids: usize,
  i: i32,
  j: i32,
  n: i32,
  row: usize,
  bytes: usize,
): void {
  const low = min(n, max(0, firstKey(p, i) - j));
  const high = max(low, min(n, endKey(p, i) - j));
  for (let at: usize = 0; at < ((low as usize) << 2); at += 4) {
    store<f32>(row + at, -Infinity);
  }
  for (let at = (high as usize) << 2; at < bytes; at += 4) {
    store<f32>(row + at, -Infinity);
  }
  if (!hasDocuments(p)) return;
  const own = v128.load32_splat(ids + ((startOf(p) + i as usize) << 2));
  const keys = ids + ((j as usize) << 2), none = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < bytes; at += 16) {
    const isSame = i32x4.eq(v128.load(keys + at), own);
    const shown = v128.bitselect(v128.load(row + at), none, isSame);
    v128.store(row + at, shown);
  }
}
