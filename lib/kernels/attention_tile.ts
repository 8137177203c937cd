/**
 * How the tiled attention kernels cut their work, and the WGSL that they share.
 *
 * A workgroup takes a block of rows of one head (queries, or keys for their
 * gradients) and walks over tiles of the other side, which it loads into
 * workgroup memory once for all its rows. Every lane holds up to 32 elements
 * of its row in registers; wider heads are shared by lanes that exchange their
 * parts of the scores through workgroup memory. Lanes of a subgroup differ in
 * the row only, so that each reads the same element of the tile: a broadcast.
 * Sizes keep within 16 KiB of workgroup memory and about 100 registers, which
 * every adapter has.
 *
 * @module
 */
import type { Launch } from "../device/mod.ts";
import { type AttentionSide, seenBy, tilePlace } from "./attention_block.ts";
import {
  type attentionParams,
  attentionWgsl,
  headParts,
} from "./attention_sizes.ts";

/** Parameters of a launch. */
export type TileParams = ReturnType<typeof attentionParams>;

/** Invocations of a workgroup. */
export const TILE_WORKGROUP = 128;
/** Vectors of a row that a lane holds of each of its arrays. */
const MOST_OWN = 8;
/** Workgroup memory that every adapter has, less some for small arrays. */
const MEMORY = 16384 - 512;

/** Heads that the tiles are made for: of whole vectors, and not too wide. */
export function fitsTile(headSize: number): boolean {
  return headSize % 4 === 0 && headSize <= 256;
}

/** How a head is cut up. */
export interface Cut {
  /** Lanes that share a row, a power of two. */
  readonly shares: number;
  /** Rows of a workgroup. */
  readonly rows: number;
  /** Rows of the other side in a tile. */
  readonly tile: number;
}

/** The largest power of two that is no more than x. */
const powerBelow = (x: number) => 2 ** Math.floor(Math.log2(x));

/** @param partBytes bytes of a lane's part of one score */
export function cutOf(headSize: number, partBytes: number): Cut {
  const needed = headParts(headSize) / MOST_OWN;
  const shares = needed > 1 ? 2 ** Math.ceil(Math.log2(needed)) : 1;
  const exchange = shares > 1 ? TILE_WORKGROUP * partBytes : 0;
  const fits = MEMORY / (2 * headSize * 4 + exchange);
  const rows = TILE_WORKGROUP / shares;
  return { shares, rows, tile: Math.min(32, powerBelow(fits)) };
}

/** Vectors of a row that each lane holds. */
export function ownParts(headSize: number, { shares }: Cut): number {
  return Math.ceil(headParts(headSize) / shares);
}

/** Text for each vector that a lane owns, in constant places. */
export function each(own: number, text: (d: number) => string): string {
  return Array.from({ length: own }, (_, d) => text(d)).join("\n      ");
}

/** What the three kernels have in common. */
export function tiledWgsl(
  headSize: number,
  cut: Cut,
  part: "f32" | "vec2f",
): string {
  const { shares, rows, tile } = cut;
  const own = ownParts(headSize, cut);
  return /* wgsl */ `${attentionWgsl(headSize)}
const ROWS = ${rows}u;
const TILE = ${tile}u;
const OWN = ${own}u;
var<workgroup> tileX: array<vec4f, ${tile * headParts(headSize)}>;
var<workgroup> tileY: array<vec4f, ${tile * headParts(headSize)}>;
${
    shares > 1
      ? `var<workgroup> parts: array<${part}, ${tile * TILE_WORKGROUP}>;`
      : ""
  }
fn total(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
${
    shares * own === headParts(headSize)
      ? `
fn isOwn(share: u32, d: u32) -> bool { return true; }
fn own(share: u32, d: u32) -> u32 { return share * OWN + d; }`
      : `
/** Whether a lane has a vector d: the last share may be shorter. */
fn isOwn(share: u32, d: u32) -> bool { return share * OWN + d < PARTS; }
/** Its place in a row, the last one where there is none. */
fn own(share: u32, d: u32) -> u32 { return min(share * OWN + d, PARTS - 1u); }`
  }`;
}

/** WGSL: loads two operands of the other side into the tiles, and does `more`. */
export function loadTiles(
  side: AttentionSide,
  x: string,
  y: string,
  more = "",
): string {
  return `workgroupBarrier();
      for (var e = lane; e < TILE * PARTS; e += WORKGROUP) {
        let source = ${tilePlace(side)};
        tileX[e] = ${x}[source];
        tileY[e] = ${y}[source];
      }
      ${more}
      workgroupBarrier();`;
}

/** WGSL: goes on to the next j of the tile where a row does not see it. */
export function skipUnseen(side: AttentionSide): string {
  return `let other = base + j;
      if (!(${seenBy(side)})) { continue; }`;
}

/** WGSL: the sum over the lanes of a row of what they gave for `j`. */
function joined({ shares }: Cut): string {
  return Array.from(
    { length: shares },
    (_, s) => `parts[j * WORKGROUP + ${s}u * ROWS + row]`,
  ).join(" + ");
}

/**
 * WGSL: computes `value` of every j of the tile from `own` elements and calls
 * `use` with it, after an exchange where lanes share a row.
 */
export function overTile(
  cut: Cut,
  { own, join, use }: {
    /** Statements that make `value`. */
    readonly own: string;
    /** Type of `value`. */
    readonly join: "f32" | "vec2f";
    /** Statements that use `value`, for pairs that see each other. */
    readonly use: string;
  },
): string {
  if (cut.shares === 1) {
    return `
    for (var j = 0u; j < TILE; j++) {
      ${own}
      ${use}
    }`;
  }
  return `
    for (var j = 0u; j < TILE; j++) {
      ${own}
      parts[j * WORKGROUP + lane] = value;
    }
    workgroupBarrier();
    for (var j = 0u; j < TILE; j++) {
      let value: ${join} = ${joined(cut)};
      ${use}
    }`;
}

/** A launch with a workgroup for each block of rows. */
export function tileLaunch(
  heads: number,
  times: number,
  rows: number,
  flops: number,
): Launch {
  const groups = heads * Math.ceil(times / rows);
  return { groups, items: 0, work: flops / 2, flops };
}
