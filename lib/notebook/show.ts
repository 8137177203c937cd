/**
 * `show(x)` puts a value into the notebook at once, also from the middle of a
 * cell, and gives a handle by which it can change in place: a loss curve that
 * grows while the model trains. In a terminal it prints text.
 *
 * @module
 */
import { atCellEnd } from "./cell_end.ts";
import type { Media } from "./figure_bundle.ts";
import {
  broadcast,
  DISPLAY,
  isNotebook,
  isStatic,
  type MediaBundle,
} from "./jupyter.ts";
import { mediaOf } from "./media.ts";
import { Throttle } from "./throttle.ts";

/** Least time between two states of a moving output. */
const UPDATE_MS = 300;

/** An output that can change in place; made by {@linkcode show}. */
export class DisplayHandle {
  readonly #id: string | undefined;
  readonly #throttle: Throttle<unknown>;
  #last: { value: unknown } | undefined;

  /** @param id display id in the notebook; undefined in a terminal */
  constructor(id: string | undefined) {
    this.#id = id;
    this.#throttle = new Throttle(
      (value) => this.#send(value, false),
      UPDATE_MS,
    );
  }

  /**
   * Shows another value in the same place, a few times a second at most and
   * without a picture. When the cell ends the last value gets its full form.
   *
   * @param value or a function that makes it, called only when it is shown:
   * then a loop does not pay for figures that nobody sees
   */
  update(value: unknown): void {
    if (this.#id === undefined) return;
    if (!this.#last) atCellEnd(() => this.finish());
    this.#last = { value };
    if (!isStatic()) this.#throttle.push(value);
  }

  /** Gives the last value its full form now, picture included. */
  async finish(): Promise<void> {
    await this.#throttle.cancel();
    if (!this.#last) return;
    const { value } = this.#last;
    this.#last = undefined;
    await this.#send(value, true);
  }

  async #send(value: unknown, hasPicture: boolean): Promise<void> {
    const made = typeof value === "function" ? await value() : value;
    const media = await mediaOf(made, { isStatic: isStatic(), hasPicture });
    await broadcast("update_display_data", content(media, this.#id));
  }

  /** Nothing: a handle at the end of a cell is no output. */
  [DISPLAY](): MediaBundle {
    return {};
  }
}

function content(
  { data, metadata }: Media,
  id: string | undefined,
): Record<string, unknown> {
  return { data, metadata, transient: { display_id: id } };
}

/**
 * Shows a figure, a table, Markdown, text or any value.
 *
 * @returns a handle with `update(value)` to change the output in place
 *
 * @example
 * ```ts
 * const plot = await show(lossFigure(records));
 * for await (const record of train(model, data)) {
 *   records.push(record);
 *   plot.update(() => lossFigure(records));
 * }
 * ```
 */
export async function show(value: unknown): Promise<DisplayHandle> {
  const media = await mediaOf(value, {
    isStatic: isStatic(),
    hasPicture: isNotebook(),
  });
  if (!isNotebook()) {
    console.log(media.data["text/plain"] ?? Deno.inspect(value));
    return new DisplayHandle(undefined);
  }
  const id = crypto.randomUUID();
  await broadcast("display_data", content(media, id));
  return new DisplayHandle(id);
}
