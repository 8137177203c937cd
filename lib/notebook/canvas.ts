/**
 * As much of a 2-D canvas as plotly.js needs for heatmaps and images: pixels
 * are set by rectangle or by block and come out as a PNG data URL. Nothing is
 * blended or transformed.
 *
 * @module
 */
import { encodePng } from "./png.ts";

/** A block of RGBA pixels as `createImageData` makes it. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Red, green, blue and alpha (0..255) of "rgb(…)" or "rgba(…)". */
function parseRgba(style: string): [number, number, number, number] {
  const [r = 0, g = 0, b = 0, a = 1] = (style.match(/[\d.]+/g) ?? []).map(
    Number,
  );
  return [r, g, b, 255 * a];
}

/** The drawing context of one canvas element. */
export class PixelContext {
  /** "rgb(…)" or "rgba(…)". */
  fillStyle = "rgb(0,0,0)";
  readonly #canvas: { readonly width: number; readonly height: number };
  #pixels: Pixels = this.createImageData(0, 0);

  constructor(canvas: { readonly width: number; readonly height: number }) {
    this.#canvas = canvas;
  }

  /** Transparent black pixels. */
  createImageData(width: number, height: number): Pixels {
    return { width, height, data: new Uint8ClampedArray(4 * width * height) };
  }

  /** Copies a block of pixels that lies inside of the canvas. */
  putImageData(block: Pixels, left: number, top: number): void {
    const { width, data } = this.#current();
    for (let y = 0; y < block.height; y++) {
      const row = block.data.subarray(
        4 * y * block.width,
        4 * (y + 1) * block.width,
      );
      data.set(row, 4 * ((top + y) * width + left));
    }
  }

  /** Sets the pixels of a rectangle to the fill style. */
  fillRect(left: number, top: number, width: number, height: number): void {
    const pixels = this.#current();
    const colour = parseRgba(this.fillStyle);
    const right = Math.min(pixels.width, Math.round(left + width));
    const bottom = Math.min(pixels.height, Math.round(top + height));
    for (let y = Math.max(0, Math.round(top)); y < bottom; y++) {
      for (let x = Math.max(0, Math.round(left)); x < right; x++) {
        pixels.data.set(colour, 4 * (y * pixels.width + x));
      }
    }
  }

  /** The canvas as a PNG in a data URL. */
  toDataURL(): string {
    const { width, height, data } = this.#current();
    return `data:image/png;base64,${encodePng(width, height, data).toBase64()}`;
  }

  /** The pixels, blank again when the canvas got another size. */
  #current(): Pixels {
    const width = Math.floor(this.#canvas.width);
    const height = Math.floor(this.#canvas.height);
    if (width !== this.#pixels.width || height !== this.#pixels.height) {
      this.#pixels = this.createImageData(width, height);
    }
    return this.#pixels;
  }
}
