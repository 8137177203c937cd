/**
 * Gradient of attention for GPUs with fast workgroup memory: dQ, then dK and
 * dV together; attention_backward.ts has the equations, attention_tile.ts the
 * layout.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { blockPlace, knownOf, overTiles } from "./attention_block.ts";
import {
  ATTENTION_PARAMS,
  type AttentionSizes,
  byHeadSize,
  pairsSeen,
} from "./attention_sizes.ts";
import {
  cutOf,
  each,
  loadTiles,
  overTile,
  ownParts,
  skipUnseen,
  TILE_WORKGROUP,
  tiledWgsl,
  tileLaunch,
  type TileParams,
} from "./attention_tile.ts";

const queryKernel = byHeadSize((headSize) => {
  const cut = cutOf(headSize, 8);
  const own = ownParts(headSize, cut);
  return defineKernel({
    name: `attentionTiledBackwardQuery${headSize}`,
    buffers: {
      q: "read vec4f",
      k: "read vec4f",
      v: "read vec4f",
      documents: "read i32",
      rows: "read f32",
      dO: "read vec4f",
      dQ: "write vec4f",
    },
    params: ATTENTION_PARAMS,
    workgroupSize: TILE_WORKGROUP,
    wgsl: /* wgsl */ `${tiledWgsl(headSize, cut, "vec2f")}
fn kernel(group: u32, lane: u32) {
  ${blockPlace("query", "lane % ROWS")}
  let share = lane / ROWS;
  let known = ${knownOf("mine", "head")};
  ${
      each(own, (d) =>
        `let q${d} = select(vec4f(), p.scale * q[place + own(share, ${d}u)],
        isOwn(share, ${d}u));
      let d${d} = select(vec4f(), dO[place + own(share, ${d}u)],
        isOwn(share, ${d}u));
      var sum${d} = vec4f();`)
    }
  ${
      overTiles(
        "query",
        loadTiles("query", "k", "v") + overTile(cut, {
          join: "vec2f",
          own: `var s = vec4f();
      var dP = vec4f();
      ${
            each(
              own,
              (d) =>
                `s = fma(q${d}, tileX[j * PARTS + own(share, ${d}u)], s);
      dP = fma(d${d}, tileY[j * PARTS + own(share, ${d}u)], dP);`,
            )
          }
      let value = vec2f(total(s), total(dP));`,
          use: `${skipUnseen("query")}
      let dS = exp(value.x - known.x) * (value.y - known.y) * p.scale;
      ${
            each(
              own,
              (d) =>
                `sum${d} = fma(vec4f(dS), tileX[j * PARTS + own(share, ${d}u)], sum${d});`,
            )
          }`,
        }),
      )
    }
  if (first + row > last) { return; }
  ${
      each(own, (d) =>
        `if (isOwn(share, ${d}u)) { dQ[place + own(share, ${d}u)] = sum${d}; }`)
    }
}`,
  });
});

const keyKernel = byHeadSize((headSize) => {
  const cut = cutOf(headSize, 8);
  const own = ownParts(headSize, cut);
  return defineKernel({
    name: `attentionTiledBackwardKey${headSize}`,
    buffers: {
      q: "read vec4f",
      k: "read vec4f",
      v: "read vec4f",
      documents: "read i32",
      rows: "read f32",
      dO: "read vec4f",
      dK: "write vec4f",
      dV: "write vec4f",
    },
    params: ATTENTION_PARAMS,
    workgroupSize: TILE_WORKGROUP,
    wgsl: /* wgsl */ `${tiledWgsl(headSize, cut, "vec2f")}
var<workgroup> tileRows: array<vec2f, TILE>;
fn kernel(group: u32, lane: u32) {
  ${blockPlace("key", "lane % ROWS")}
  let share = lane / ROWS;
  ${
      each(own, (d) =>
        `let k${d} = select(vec4f(), p.scale * k[place + own(share, ${d}u)],
        isOwn(share, ${d}u));
      let v${d} = select(vec4f(), v[place + own(share, ${d}u)],
        isOwn(share, ${d}u));
      var sumK${d} = vec4f();
      var sumV${d} = vec4f();`)
    }
  ${
      overTiles(
        "key",
        loadTiles(
          "key",
          "q",
          "dO",
          `if (lane < TILE) {
        tileRows[lane] = ${knownOf("min(base + lane, p.queries - 1u)", "h")};
      }`,
        ) + overTile(cut, {
          join: "vec2f",
          own: `var s = vec4f();
      var dP = vec4f();
      ${
            each(
              own,
              (d) =>
                `s = fma(k${d}, tileX[j * PARTS + own(share, ${d}u)], s);
      dP = fma(v${d}, tileY[j * PARTS + own(share, ${d}u)], dP);`,
            )
          }
      let value = vec2f(total(s), total(dP));`,
          use: `${skipUnseen("key")}
      let known = tileRows[j]; // lse, delta
      let weight = exp(value.x - known.x);
      let dS = weight * (value.y - known.y) * p.scale;
      ${
            each(own, (d) =>
              `sumK${d} = fma(vec4f(dS), tileX[j * PARTS + own(share, ${d}u)], sumK${d});
      sumV${d} = fma(vec4f(weight), tileY[j * PARTS + own(share, ${d}u)], sumV${d});`)
          }`,
        }),
      )
    }
  if (first + row > last) { return; }
  ${
      each(own, (d) =>
        `if (isOwn(share, ${d}u)) {
        dK[place + own(share, ${d}u)] = sumK${d};
        dV[place + own(share, ${d}u)] = sumV${d};
      }`)
    }
}`,
  });
});

/** dQ, then dK and dV, as `attentionBackward`. */
export function tiledAttentionBackward(
  device: Device,
  buffers: Record<
    "q" | "k" | "v" | "documents" | "rows" | "dO" | "dQ" | "dK" | "dV",
    DeviceBuffer
  >,
  sizes: AttentionSizes,
  params: TileParams,
): void {
  const { batch, heads, kvHeads, queries, keys, headSize } = sizes;
  const { rows } = cutOf(headSize, 8);
  const pairs = pairsSeen(sizes) * headSize;
  const ofQueries = tileLaunch(batch * heads, queries, rows, pairs * 6);
  device.run(queryKernel(headSize), buffers, params, ofQueries);
  const ofKeys = tileLaunch(batch * kvHeads, keys, rows, pairs * 8);
  device.run(keyKernel(headSize), buffers, params, ofKeys);
}
