/**
 * What all attention kernels share: sizes, parameters, who sees whom, and the
 * WGSL of it.
 *
 * @module
 */
import type { DeviceBuffer, ElementType, Kernel } from "../device/mod.ts";

/** Sizes of one attention, and what a query sees. */
export interface AttentionSizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Position of the first query. */
  readonly start: number;
  /** Positions that k and v have room for in each batch row. */
  readonly capacity: number;
  /** Whether a query sees no later positions; true without it. */
  readonly isCausal?: boolean;
  /** Distance from which on a key is out of sight; none without it. */
  readonly window?: number;
}

/** Parameters of all attention kernels. */
export const ATTENTION_PARAMS = {
  batch: "u32",
  queries: "u32",
  keys: "u32",
  heads: "u32",
  kvHeads: "u32",
  headSize: "u32",
  start: "u32",
  capacity: "u32",
  scale: "f32",
  isCausal: "u32",
  window: "u32",
  hasDocuments: "u32",
} as const;

/** Buffers of a forward pass, whole heads of elements of one type. */
export const forwardBuffers = <E extends ElementType>(element: E) => ({
  q: `read ${element}`,
  k: `read ${element}`,
  v: `read ${element}`,
  documents: "read i32",
  o: `write ${element}`,
  lse: "write f32",
} as const);

type AttentionParams = Record<keyof typeof ATTENTION_PARAMS, number>;

/** A window that everything is in; positions plus this still fit into i32. */
const NO_WINDOW = 2 ** 30;

/** Parameters of a launch. */
export function attentionParams(
  sizes: AttentionSizes,
  documents: DeviceBuffer | undefined,
): AttentionParams {
  const { isCausal = true, window = NO_WINDOW, ...rest } = sizes;
  return {
    ...rest,
    scale: 1 / Math.sqrt(sizes.headSize),
    isCausal: Number(isCausal),
    window: Math.min(window, NO_WINDOW),
    hasDocuments: Number(documents !== undefined),
  };
}

/**
 * Pairs of a query and a key that it sees, over the batch and its heads; what
 * documents and the ends of a window hide is not taken off. For the profiler.
 */
export function pairsSeen(sizes: AttentionSizes): number {
  const { batch, heads, queries, keys, start, isCausal = true } = sizes;
  const { window = NO_WINDOW } = sizes;
  if (!isCausal) {
    return batch * heads * queries * Math.min(keys, 2 * window - 1);
  }
  // The first queries see start + 1, start + 2, …, the others a whole window.
  const growing = Math.max(0, Math.min(queries, window - start));
  const pairs = growing * start + growing * (growing + 1) / 2 +
    (queries - growing) * window;
  return batch * heads * pairs;
}

/** Type of the elements of buffers that hold heads of that size. */
export function headElement(headSize: number): "vec4f" | "f32" {
  return headSize % 4 === 0 ? "vec4f" : "f32";
}

/** Elements of that type in a head. */
export function headParts(headSize: number): number {
  return headSize % 4 === 0 ? headSize / 4 : headSize;
}

/**
 * WGSL: places of heads in their buffers, and the keys that a query sees, from
 * `firstKey` to before `endKey`, where the documents agree. The other way
 * round, queries from `firstQuery` to before `endQuery` see a key. Wants a
 * buffer `documents`.
 */
export function attentionWgsl(headSize: number): string {
  return /* wgsl */ `
alias Part = ${headElement(headSize)};
const PARTS = ${headParts(headSize)}u;
/** PARTS, where a bound that is no constant keeps drivers from unrolling. */
fn partCount() -> u32 { return p.headSize / ${
    headSize / headParts(headSize)
  }u; }
fn product(x: Part, y: Part) -> f32 {
  return ${headSize % 4 === 0 ? "dot(x, y)" : "x * y"};
}
fn queryAt(b: u32, i: u32, h: u32) -> u32 {
  return ((b * p.queries + i) * p.heads + h) * PARTS;
}
fn keyAt(b: u32, j: u32, g: u32) -> u32 {
  return ((b * p.capacity + j) * p.kvHeads + g) * PARTS;
}
fn firstKey(i: u32) -> u32 {
  let end = p.start + i + 1u;
  return select(0u, end - p.window, end > p.window);
}
fn endKey(i: u32) -> u32 {
  let ahead = select(p.window, 1u, p.isCausal == 1u);
  return min(p.keys, p.start + i + ahead);
}
fn firstQuery(j: u32) -> u32 {
  let back = p.start + select(p.window - 1u, 0u, p.isCausal == 1u);
  return select(0u, j - back, j > back);
}
fn endQuery(j: u32) -> u32 {
  let end = j + p.window;
  return min(p.queries, select(0u, end - p.start, end > p.start));
}
fn isTogether(b: u32, i: u32, j: u32) -> bool {
  if (p.hasDocuments == 0u) { return true; }
  let at = b * p.capacity;
  return documents[at + p.start + i] == documents[at + j];
}`;
}

/** Makes one kernel for each head size, when it is first needed. */
export function byHeadSize<K extends Kernel>(
  make: (headSize: number) => K,
): (headSize: number) => K {
  const made = new Map<number, K>();
  return (headSize) => {
    const kernel = made.get(headSize) ?? make(headSize);
    made.set(headSize, kernel);
    return kernel;
  };
}
