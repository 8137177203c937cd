/**
 * The media bundle of anything: figures by their own rules, what shows itself
 * by its own method, text as text, the rest as Deno prints it.
 *
 * @module
 */
import { isFigure } from "../plots/mod.ts";
import { figureBundle, type Media } from "./figure_bundle.ts";
import { DISPLAY, isDisplayable, isNotebook } from "./jupyter.ts";

/**
 * The forms in which a value can be shown.
 *
 * @param options see {@linkcode figureBundle}
 */
export async function mediaOf(
  value: unknown,
  options: { isStatic: boolean; hasPicture?: boolean },
): Promise<Media> {
  if (isFigure(value)) return await figureBundle(value, options);
  if (isDisplayable(value)) {
    return { data: await value[DISPLAY](), metadata: {} };
  }
  if (typeof value === "string") {
    return { data: { "text/plain": value }, metadata: {} };
  }
  const data = isNotebook()
    ? await Deno.jupyter.format(value)
    : { "text/plain": Deno.inspect(value) };
  return { data, metadata: {} };
}
