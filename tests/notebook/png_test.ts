/**
 * The PNG writer read back by hand: chunks, their sums (that of the empty IEND
 * chunk is printed in every PNG file), and pixels.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { PixelContext } from "../../lib/notebook/canvas.ts";
import { encodePng } from "../../lib/notebook/png.ts";

/** Bodies of the chunks of a PNG file by type. */
function chunks(file: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(file);
  const found = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    found.set(type, bytes.subarray(at + 8, at + 8 + size));
    at += 12 + size;
  }
  return found;
}

Deno.test("encodePng() writes transparent pixels as RGBA rows", () => {
  const rgba = Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0);
  const file = encodePng(1, 2, rgba);
  assert.equal(Buffer.from(file).toString("latin1", 1, 4), "PNG");
  const { IHDR, IDAT } = Object.fromEntries(chunks(file));
  assert.deepEqual([...IHDR!], [0, 0, 0, 1, 0, 0, 0, 2, 8, 6, 0, 0, 0]);
  assert.deepEqual([...inflateSync(IDAT!)], [0, 1, 2, 3, 255, 0, 4, 5, 6, 0]);
});

Deno.test("encodePng() leaves alpha out when every pixel is opaque", () => {
  const file = encodePng(2, 1, Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255));
  const { IHDR, IDAT } = Object.fromEntries(chunks(file));
  assert.equal(IHDR![9], 2); // colour type RGB
  assert.deepEqual([...inflateSync(IDAT!)], [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("encodePng() ends in the IEND chunk that every PNG file has", () => {
  const file = encodePng(1, 1, new Uint8Array(4));
  const end = "0000000049454e44ae426082";
  assert.equal(Buffer.from(file).toString("hex").slice(-24), end);
});

Deno.test("PixelContext fills rectangles and takes blocks of pixels", () => {
  const canvas = { width: 3, height: 2 };
  const context = new PixelContext(canvas);
  context.fillStyle = "rgba(10, 20, 30, 0.5)";
  context.fillRect(1, 0, 5, 1);
  const block = context.createImageData(1, 1);
  block.data.set([7, 8, 9, 255]);
  context.putImageData(block, 0, 1);
  const url = context.toDataURL();
  const file = Buffer.from(
    url.slice("data:image/png;base64,".length),
    "base64",
  );
  const rows = inflateSync(chunks(file).get("IDAT")!);
  const half = [10, 20, 30, 128];
  assert.deepEqual([...rows], [
    ...[0, 0, 0, 0, 0, ...half, ...half],
    ...[0, 7, 8, 9, 255, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
});

Deno.test("PixelContext starts blank when its canvas changes size", () => {
  const canvas = { width: 1, height: 1 };
  const context = new PixelContext(canvas);
  context.fillRect(0, 0, 1, 1);
  canvas.width = 2;
  const blank = new PixelContext({ width: 2, height: 1 });
  assert.equal(context.toDataURL(), blank.toDataURL());
});
