/**
 * The gallery: executed notebooks as one HTML file that needs nothing else, no
 * network, no server, no Jupyter. Figures are alive: plotly.js is inside, once.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import {
  escapeHtml,
  PLOTLY_CONFIG,
  plotlySource,
} from "../../lib/notebook/mod.ts";
import { formatDuration, writeFileAtomic } from "../../lib/util/mod.ts";
import { cellsHtml } from "./gallery_cells.ts";
import { GALLERY_STYLE, galleryScript } from "./gallery_page.ts";
import { slugOf } from "./markdown_html.ts";
import type { Notebook } from "./notebook_file.ts";

/** A notebook of the gallery. */
export interface GalleryEntry {
  /** File of the notebook: gives its name and where its images are. */
  readonly path: string;
  readonly notebook: Notebook;
  /** How long it ran, when it did. */
  readonly seconds?: number;
  /** Why it did not come to its end, when it did not. */
  readonly failure?: string;
}

/** Name of a notebook without folder and ending: "01_tensors". */
function nameOf(path: string): string {
  return basename(path, ".ipynb");
}

/** Text of the first heading without its marks, or the name of the file. */
function titleOf({ path, notebook }: GalleryEntry): string {
  for (const { cell_type, source } of notebook.cells) {
    const [, title] = /^#\s+(.+)$/m.exec(source) ?? [];
    if (cell_type === "markdown" && title) {
      return title.replace(/[*`$\\]/g, "").trim();
    }
  }
  return nameOf(path);
}

const IMAGE_TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  svg: "image/svg+xml",
};

/**
 * A link of a notebook as it works in the gallery: another notebook is a place
 * of this page, a picture beside the notebook becomes part of it.
 */
function galleryLink(href: string, folder: string): string {
  if (/^[a-z]+:|^#/i.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  if (path.endsWith(".ipynb")) {
    const name = nameOf(path);
    return anchor ? `#${name}--${slugOf(anchor)}` : `#${name}`;
  }
  const type = IMAGE_TYPES[path.split(".").at(-1) ?? ""];
  if (!type) return href;
  try {
    const bytes = Deno.readFileSync(resolve(folder, decodeURI(path)));
    return `data:${type};base64,${bytes.toBase64()}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return href;
    throw error;
  }
}

function articleHtml(entry: GalleryEntry): string {
  const { path, notebook, seconds, failure } = entry;
  const name = nameOf(path);
  const used = new Set<string>();
  const headingId = (text: string): string => {
    const slug = `${name}--${slugOf(text)}`;
    let id = slug;
    for (let i = 2; used.has(id); i++) id = `${slug}-${i}`;
    used.add(id);
    return id;
  };
  const cells = cellsHtml(notebook.cells, {
    link: (href) => galleryLink(href, dirname(path)),
    headingId,
  });
  const facts = seconds === undefined ? "" : `, ran ${formatDuration(seconds)}`;
  const problem = failure === undefined
    ? ""
    : `<p class="failure">Stopped: ${escapeHtml(failure)}</p>`;
  return `<article id="${escapeHtml(name)}">
<p class="meta">${escapeHtml(name)}.ipynb${facts}</p>
${problem}
${cells}
</article>`;
}

function navigationHtml(entries: readonly GalleryEntry[]): string {
  const items = entries.map((entry) => {
    const mark = entry.failure === undefined ? "" : ' class="failed"';
    return `<li><a${mark} href="#${escapeHtml(nameOf(entry.path))}">` +
      `${escapeHtml(titleOf(entry))}</a></li>`;
  });
  return `<nav><strong>Caderno</strong><ol>\n${items.join("\n")}\n</ol></nav>`;
}

/** The page of some notebooks, in their order. */
export async function galleryHtml(
  entries: readonly GalleryEntry[],
): Promise<string> {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Caderno: notebooks</title>
<style>${GALLERY_STYLE}</style>
</head>
<body>
${navigationHtml(entries)}
<main>
${entries.map(articleHtml).join("\n")}
</main>
<script>${await plotlySource()}</script>
<script>${galleryScript(PLOTLY_CONFIG)}</script>
</body>
</html>
`;
}

/** Writes the gallery to a file, whole or not at all. */
export async function writeGallery(
  path: string,
  entries: readonly GalleryEntry[],
): Promise<void> {
  await writeFileAtomic(path, await galleryHtml(entries));
}
