/** The choice of a tile is measured once and then kept. */
import assert from "node:assert/strict";
import {
  chooseTile,
  measureTiles,
} from "../../../lib/device/cpu/choose_tile.ts";
import { cacheFolder } from "../../../lib/device/cache_folder.ts";
import { tileName, TILES } from "../../../lib/device/cpu/tile.ts";
import { walkFiles } from "../../../lib/util/mod.ts";
import { KERNELS } from "./gemm_products.ts";

Deno.test("chooseTile() keeps its choice in a file", async () => {
  const tile = await chooseTile(KERNELS);
  assert.ok(TILES.includes(tile));
  const kept: string[] = [];
  for await (const path of walkFiles(cacheFolder("wasm"))) {
    if (/tile-\w+\.txt$/.test(path)) kept.push(await Deno.readTextFile(path));
  }
  assert.ok(kept.includes(`${tileName(tile)}\n`), kept.join());
  assert.equal(await chooseTile(KERNELS), tile);
});

Deno.test("measureTiles() finds a rate for every tile", async () => {
  const rates = await measureTiles(TILES.slice(0, 2), KERNELS);
  assert.equal(rates.length, 2);
  // A tile that is not compiled well yet makes about 1 GFLOP/s.
  for (const rate of rates) assert.ok(rate > 1e7 && rate < 1e13, `${rate}`);
});
