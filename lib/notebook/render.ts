/**
 * Figures as pictures, without a browser: plotly.js draws the SVG in a hidden
 * page, resvg paints it with the DejaVu font that comes along, so that a
 * picture is the same on every machine. The first figure takes about half a
 * second, each further one 50 to 200 ms; nothing is loaded before the first.
 *
 * @module
 */
import type { Figure } from "../plots/mod.ts";
import { checkTraces, plainFigure } from "./figure_json.ts";
import { encodePng } from "./png.ts";

/** Size of a figure in CSS px, as its layout says or 720 x 420. */
export function figureSize(
  { layout }: Figure,
): { width: number; height: number } {
  const { width, height } = layout;
  return {
    width: typeof width === "number" ? width : 720,
    height: typeof height === "number" ? height : 420,
  };
}

/**
 * Draws a figure as SVG text.
 *
 * @throws {ConfigError} for a trace that plotly.js draws with WebGL only
 */
export async function figureSvg(figure: Figure): Promise<string> {
  checkTraces(figure);
  const { drawingPage } = await import("./drawing_page.ts");
  const plotly = await drawingPage();
  const svg = await plotly.toImage(plainFigure(figure), {
    format: "svg",
    imageDataOnly: true,
    ...figureSize(figure),
  });
  // The cells of a heatmap must not be blurred; resvg knows the older word.
  return svg.replaceAll(
    "image-rendering: pixelated",
    "image-rendering: optimizeSpeed",
  );
}

/**
 * Draws a figure as a PNG file on white ground.
 *
 * @param options.scale pixels for a CSS px; 1.5 is sharp on most screens
 * @throws {ConfigError} for a trace that plotly.js draws with WebGL only
 */
export async function figurePng(
  figure: Figure,
  { scale = 1.5 }: { scale?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const svg = await figureSvg(figure);
  const { Resvg } = await import("@resvg/resvg-js");
  const { fontFiles } = await import("./font_metrics.ts");
  const image = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontFiles: fontFiles(),
      loadSystemFonts: false,
      defaultFontFamily: "DejaVu Sans",
    },
  }).render();
  return encodePng(image.width, image.height, image.pixels);
}
