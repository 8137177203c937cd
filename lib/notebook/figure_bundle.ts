/**
 * What a notebook gets for a figure, so that it can be seen in each frontend:
 * Plotly's own MIME type (VS Code, the gallery), HTML with a picture that a
 * script replaces by the live figure (Jupyter; where scripts are stripped the
 * picture stays), the picture by itself (GitHub, exports) and a line of text.
 *
 * @module
 */
import { messageOf } from "../util/mod.ts";
import type { Figure } from "../plots/mod.ts";
import { plainFigure, undrawableType } from "./figure_json.ts";
import { escapeHtml, type MediaBundle } from "./jupyter.ts";
import { PLOTLY_CONFIG, plotlyScript } from "./plotly_script.ts";
import { figurePng, figureSize } from "./render.ts";

/** Plotly's MIME type. */
export const PLOTLY_MIME = "application/vnd.plotly.v1+json";

/** A bundle with the metadata that belongs to it. */
export interface Media {
  readonly data: MediaBundle;
  readonly metadata: Record<string, unknown>;
}

/** Characters of JSON above which a figure is shown as a picture only. */
const MAX_JSON = 200_000;
/** Characters of a picture above which it is taken with fewer pixels. */
const MAX_PICTURE = 250_000;

/** The title of a figure, without markup, or "". */
function titleOf({ layout }: Figure): string {
  const { title } = layout;
  const text = typeof title === "object" && title !== null && "text" in title
    ? title.text
    : title;
  return typeof text === "string" ? text.replace(/<[^>]*>/g, " ").trim() : "";
}

/** A line for where nothing can be drawn: title and kinds of traces. */
function describe(figure: Figure): string {
  const title = titleOf(figure);
  const kinds = Object.entries(
    Object.groupBy(figure.data, ({ type }) => String(type ?? "scatter")),
  ).map(([type, traces]) => `${traces?.length} × ${type}`);
  return `Figure${title && ` "${title}"`}: ${kinds.join(", ") || "no traces"}`;
}

/** The picture in base64, or why there is none. */
async function picture(
  figure: Figure,
): Promise<{ png: string } | { reason: string }> {
  try {
    const png = (await figurePng(figure)).toBase64();
    if (png.length <= MAX_PICTURE) return { png };
    return { png: (await figurePng(figure, { scale: 1 })).toBase64() };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

function html(
  figure: Figure,
  plain: Figure | undefined,
  png: string | undefined,
  text: string,
): string {
  const { width, height } = figureSize(figure);
  const id = `caderno-${crypto.randomUUID()}`;
  const image = png === undefined
    ? ""
    : `<img width="${width}" alt="${
      escapeHtml(text)
    }" src="data:image/png;base64,${png}">`;
  return `<div id="${id}" style="max-width:100%;min-height:${height}px">` +
    `${image}</div>${plain ? plotlyScript(id, plain) : ""}`;
}

/**
 * All forms of a figure, together below a megabyte: a message of 4 MB would
 * break the kernel's stream. A figure that cannot be drawn here (WebGL, 3-D)
 * or whose picture fails keeps the other forms, and its text says why.
 *
 * @param options.isStatic leave out the HTML with its script
 * @param options.hasPicture false while a figure moves: a picture takes time
 */
export async function figureBundle(
  figure: Figure,
  { isStatic, hasPicture = true }: { isStatic: boolean; hasPicture?: boolean },
): Promise<Media> {
  const plain = plainFigure(figure);
  const isSmall = JSON.stringify(plain).length <= MAX_JSON;
  const data: MediaBundle = {};
  const metadata: Record<string, unknown> = {};
  let text = describe(figure);
  let png: string | undefined;
  if (isSmall) data[PLOTLY_MIME] = { ...plain, config: PLOTLY_CONFIG };
  if (hasPicture) {
    const result = await picture(figure);
    if ("png" in result) {
      png = data["image/png"] = result.png;
      metadata["image/png"] = figureSize(figure);
    } else text += ` (no picture: ${result.reason})`;
  }
  const isLive = isSmall && undrawableType(figure) === undefined;
  if (!isStatic && (isLive || png !== undefined)) {
    data["text/html"] = html(figure, isLive ? plain : undefined, png, text);
  }
  data["text/plain"] = text;
  return { data, metadata };
}
