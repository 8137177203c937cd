/**
 * The one door to Jupyter: whether this is a notebook, and messages to it.
 *
 * `Deno.jupyter` exists in the kernel only and throws elsewhere, so everything
 * else in this folder asks here. What goes out is counted, since the kernel
 * must be given time to write it (see cell_end.ts).
 *
 * @module
 */

/** A value by MIME type: text, base64 for images, an object for JSON. */
export type MediaBundle = Record<string, unknown>;

/** The method by which an object tells a notebook how to show it. */
export const DISPLAY: unique symbol = Symbol.for(
  "Jupyter.display",
) as typeof DISPLAY;

/** Anything that shows itself in a notebook. */
export interface Displayable {
  [DISPLAY](): MediaBundle | Promise<MediaBundle>;
}

/** Whether a value has the method of {@linkcode Displayable}. */
export function isDisplayable(x: unknown): x is Displayable {
  return typeof x === "object" && x !== null && DISPLAY in x;
}

/** Whether this code runs in the Jupyter kernel of Deno. */
export function isNotebook(): boolean {
  try {
    return typeof Deno.jupyter.broadcast === "function";
  } catch {
    return false;
  }
}

/**
 * Whether outputs are for the file and nobody watches: figures come as pictures
 * without a script, and nothing moves. The runner sets CADERNO_STATIC=1.
 */
export function isStatic(): boolean {
  return Deno.env.get("CADERNO_STATIC") === "1";
}

let messages = 0;
let bytes = 0;

/** Counts one output of about `size` bytes. */
export function countOutput(size: number): void {
  messages++;
  bytes += size;
}

/** What was put out since the last call. */
export function takeOutputCount(): { messages: number; bytes: number } {
  const count = { messages, bytes };
  messages = bytes = 0;
  return count;
}

/** Sends a message of the Jupyter protocol (5.3) to all frontends. */
export async function broadcast(
  type: string,
  content: Record<string, unknown>,
): Promise<void> {
  countOutput(JSON.stringify(content).length);
  await Deno.jupyter.broadcast(type, content);
}

/** Text that may stand in HTML, also between double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
