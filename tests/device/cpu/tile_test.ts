/**
 * Every register tile gives the same products, also as V8's optimizing
 * compiler alone makes it, with its fast flags or without.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tileName, TILES } from "../../../lib/device/cpu/tile.ts";
import { checkProducts, productMemory } from "./gemm_products.ts";

for (const tile of TILES) {
  Deno.test(`tile ${tileName(tile)} multiplies like plain loops`, async () => {
    await checkProducts(tile, productMemory());
  });
}

const REVECTORIZE = "--no-liftoff,--experimental-wasm-revectorize";

for (
  const flags of [
    "--no-liftoff",
    REVECTORIZE,
    `${REVECTORIZE},--no-wasm-bounds-checks`,
  ]
) {
  Deno.test(`tiles multiply like plain loops under ${flags}`, async () => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "-A", "--no-check", `--v8-flags=${flags}`],
        ...["--filter", "/^tile /", fileURLToPath(import.meta.url)],
      ],
      stderr: "null",
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(success, text);
    assert.match(text, new RegExp(`${TILES.length} passed`));
  });
}
