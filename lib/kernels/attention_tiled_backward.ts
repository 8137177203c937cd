/**
 * Gradient of attention for GPUs with fast workgroup memory: dQ, then dK and
 * dV together; attention_backward.ts has the equations, attention_tile.ts the
 * layout.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  ATTENTION_PARAMS,
  type AttentionSizes,
  byHeadSize,
  pairsSeen,
} from "./attention_sizes.ts";
import {
  cutOf,
  each,
  overTile,
  ownParts,
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
  let blocks = (p.queries + ROWS - 1u) / ROWS;
  let h = (group / blocks) % p.heads;
  let b = group / (blocks * p.heads);
  if (b >= p.batch) { return; }
  let g = h * p.kvHeads / p.heads;
  let first = (group % blocks) * ROWS;
  let last = min(first + ROWS, p.queries) - 1u;
  let row = lane % ROWS;
  let share = lane / ROWS;
  let i = min(first + row, last);
  let query = queryAt(b, i, h);
  let low = firstKey(i);
  let high = endKey(i);
  let at = ((b * p.heads + h) * p.queries + i) * 2u;
  let known = vec2f(rows[at], rows[at + 1u]); // lse, delta
  ${
      each(own, (d) =>
        `let q${d} = select(vec4f(), p.scale * q[query + own(share, ${d}u)],
        isOwn(share, ${d}u));
      let d${d} = select(vec4f(), dO[query + own(share, ${d}u)],
        isOwn(share, ${d}u));
      var sum${d} = vec4f();`)
    }
  for (var base = firstKey(first); base < endKey(last); base += TILE) {
    workgroupBarrier();
    for (var e = lane; e < TILE * PARTS; e += WORKGROUP) {
      let at = keyAt(b, min(base + e / PARTS, p.keys - 1u), g) + e % PARTS;
      tileX[e] = k[at];
      tileY[e] = v[at];
    }
    workgroupBarrier();
    ${
      overTile(cut, {
        join: "vec2f",
        own: `var s = vec4f();
      var dP = vec4f();
      ${
          each(own, (d) =>
            `s = fma(q${d}, tileX[j * PARTS + own(share, ${d}u)], s);
      dP = fma(d${d}, tileY[j * PARTS + own(share, ${d}u)], dP);`)
        }
      let value = vec2f(total(s), total(dP));`,
        use: `let key = base + j;
      if (key < low || key >= high || !isTogether(b, i, key)) { continue; }
      let dS = exp(value.x - known.x) * (value.y - known.y) * p.scale;
      ${
          each(
            own,
            (d) =>
              `sum${d} = fma(vec4f(dS), tileX[j * PARTS + own(share, ${d}u)], sum${d});`,
          )
        }`,
      })
    }
  }
  if (first + row > last) { return; }
  ${
      each(own, (d) =>
        `if (isOwn(share, ${d}u)) { dQ[query + own(share, ${d}u)] = sum${d}; }`)
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
  let blocks = (p.keys + ROWS - 1u) / ROWS;
  let g = (group / blocks) % p.kvHeads;
  let b = group / (blocks * p.kvHeads);
  if (b >= p.batch) { return; }
  let first = (group % blocks) * ROWS;
  let last = min(first + ROWS, p.keys) - 1u;
  let row = lane % ROWS;
  let share = lane / ROWS;
  let key = min(first + row, last);
  let at = keyAt(b, key, g);
  let low = firstQuery(key);
  let high = endQuery(key);
  ${
      each(own, (d) =>
        `let k${d} = select(vec4f(), p.scale * k[at + own(share, ${d}u)],
        isOwn(share, ${d}u));
      let v${d} = select(vec4f(), v[at + own(share, ${d}u)],
        isOwn(share, ${d}u));
      var sumK${d} = vec4f();
      var sumV${d} = vec4f();`)
    }
  let heads = p.heads / p.kvHeads;
  for (var h = g * heads; h < (g + 1u) * heads; h++) {
    for (var base = firstQuery(first); base < endQuery(last); base += TILE) {
      workgroupBarrier();
      for (var e = lane; e < TILE * PARTS; e += WORKGROUP) {
        let i = min(base + e / PARTS, p.queries - 1u);
        let source = queryAt(b, i, h) + e % PARTS;
        tileX[e] = q[source];
        tileY[e] = dO[source];
      }
      if (lane < TILE) {
        let i = min(base + lane, p.queries - 1u);
        let source = ((b * p.heads + h) * p.queries + i) * 2u;
        tileRows[lane] = vec2f(rows[source], rows[source + 1u]);
      }
      workgroupBarrier();
      ${
      overTile(cut, {
        join: "vec2f",
        own: `var s = vec4f();
      var dP = vec4f();
      ${
          each(own, (d) =>
            `s = fma(k${d}, tileX[j * PARTS + own(share, ${d}u)], s);
      dP = fma(v${d}, tileY[j * PARTS + own(share, ${d}u)], dP);`)
        }
      let value = vec2f(total(s), total(dP));`,
        use: `let i = base + j;
      if (i < low || i >= high || !isTogether(b, i, key)) { continue; }
      let known = tileRows[j]; // lse, delta
      let weight = exp(value.x - known.x);
      let dS = weight * (value.y - known.y) * p.scale;
      ${
          each(own, (d) =>
            `sumK${d} = fma(vec4f(dS), tileX[j * PARTS + own(share, ${d}u)], sumK${d});
      sumV${d} = fma(vec4f(weight), tileY[j * PARTS + own(share, ${d}u)], sumV${d});`)
        }`,
      })
    }
    }
  }
  if (first + row > last) { return; }
  ${
      each(own, (d) =>
        `if (isOwn(share, ${d}u)) {
        dK[at + own(share, ${d}u)] = sumK${d};
        dV[at + own(share, ${d}u)] = sumV${d};
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
