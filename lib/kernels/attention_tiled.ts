/**
 * Attention for GPUs with fast workgroup memory (Dao, 2023,
 * "FlashAttention-2"); attention.ts has the equations, attention_tile.ts the
 * layout.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { blockPlace, overTiles } from "./attention_block.ts";
import {
  ATTENTION_PARAMS,
  type AttentionSizes,
  byHeadSize,
  forwardBuffers,
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
import { LOWEST } from "./wgsl.ts";

const forwardKernel = byHeadSize((headSize) => {
  const cut = cutOf(headSize, 4);
  const own = ownParts(headSize, cut);
  return defineKernel({
    name: `attentionTiled${headSize}`,
    buffers: forwardBuffers("vec4f"),
    params: ATTENTION_PARAMS,
    workgroupSize: TILE_WORKGROUP,
    wgsl: /* wgsl */ `${tiledWgsl(headSize, cut, "f32")}
fn kernel(group: u32, lane: u32) {
  ${blockPlace("query", "lane % ROWS")}
  let share = lane / ROWS;
  ${
      each(own, (d) =>
        `let q${d} = select(vec4f(), p.scale * q[place + own(share, ${d}u)],
        isOwn(share, ${d}u));
      var o${d} = vec4f();`)
    }
  var top = ${LOWEST};
  var sum = 0.0;
  ${
      overTiles(
        "query",
        loadTiles("query", "k", "v") + overTile(cut, {
          join: "f32",
          own: `var s = vec4f();
      ${
            each(
              own,
              (d) => `s = fma(q${d}, tileX[j * PARTS + own(share, ${d}u)], s);`,
            )
          }
      let value = total(s);`,
          use: `${skipUnseen("query")}
      if (value > top) {
        let keep = exp(top - value);
        top = value;
        sum *= keep;
        ${each(own, (d) => `o${d} *= keep;`)}
      }
      let weight = exp(value - top);
      sum += weight;
      ${
            each(
              own,
              (d) =>
                `o${d} = fma(vec4f(weight), tileY[j * PARTS + own(share, ${d}u)], o${d});`,
            )
          }`,
        }),
      )
    }
  if (first + row > last) { return; }
  ${
      each(own, (d) =>
        `if (isOwn(share, ${d}u)) { o[place + own(share, ${d}u)] = o${d} / sum; }`)
    }
  if (share == 0u) { lse[(b * p.heads + head) * p.queries + mine] = top + log(sum); }
}`,
  });
});

/** o and lse, as `attention`; heads of a multiple of four elements. */
export function tiledAttention(
  device: Device,
  buffers: Record<"q" | "k" | "v" | "documents" | "o" | "lse", DeviceBuffer>,
  sizes: AttentionSizes,
  params: TileParams,
): void {
  const { batch, heads, queries, headSize } = sizes;
  const { rows } = cutOf(headSize, 4);
  const flops = pairsSeen(sizes) * headSize * 4;
  const size = tileLaunch(batch * heads, queries, rows, flops);
  device.run(forwardKernel(headSize), buffers, params, size);
}
