/**
 * Which solved examples stand before which item. Harnesses draw them with
 * Python's generator, so {@linkcode PythonRandom} gives the very same ones:
 *
 * | draw    | examples                                                        |
 * | ------- | --------------------------------------------------------------- |
 * | fixed   | the same before every item, drawn once: their keys are shared   |
 * | drawn   | others for every item, whatever the order of the items          |
 * | okapi   | laiviet's fork: items are shuffled by `Random(42)`, and the same |
 * |         | generator then samples examples for one item after the other    |
 * | harness | lm-evaluation-harness 0.4: `Random(1234)` samples for one item   |
 * |         | after the other, in the order of the data                       |
 * | first   | the first ones of the data, before every item                   |
 *
 * @module
 */
import { DataError, PythonRandom, Random } from "../util/mod.ts";

/** A way to choose examples. */
export type ShotDraw = "fixed" | "drawn" | "okapi" | "harness" | "first";

/** Seeds of the draws where none is given. */
const SEEDS: Readonly<Record<ShotDraw, number>> = {
  fixed: 1234,
  drawn: 1234,
  okapi: 42,
  harness: 1234,
  first: 0,
};

/** How examples are drawn. */
export interface DrawOptions {
  readonly draw: ShotDraw;
  /** Seed of the draw, each its own without it. */
  readonly seed?: number | undefined;
}

/** Items in the order in which they are asked: "okapi" shuffles them. */
export function askingOrder<T>(
  asked: readonly T[],
  { draw, seed }: DrawOptions,
): readonly T[] {
  if (draw !== "okapi") return asked;
  return new PythonRandom(seed ?? SEEDS.okapi).shuffle([...asked]);
}

/** Items and what is drawn for them. */
export interface ShotPlan<T> {
  /** In the order of the data. */
  readonly asked: readonly T[];
  /** What examples are drawn from. */
  readonly source: readonly T[];
  /** Examples before each item. */
  readonly shots: number;
  /**
   * Whether one more than needed is drawn, and the item itself left out; it
   * changes what follows in Python's stream.
   */
  readonly oneMore: boolean;
  /** Whether two items are the same question, by what they say. */
  readonly isSame: (a: T, b: T) => boolean;
}

/**
 * Draws the examples of each item.
 *
 * @throws {DataError} when examples are asked for that were not planned: those
 * of an item that is not in the data
 */
export function drawShots<T extends { readonly id: string }>(
  { asked, source, shots, oneMore, isSame }: ShotPlan<T>,
  options: DrawOptions,
): (item: T) => readonly T[] {
  const { draw, seed = SEEDS[draw] } = options;
  const without = (drawn: readonly T[], item: T) =>
    drawn.filter((other) => !isSame(other, item)).slice(0, shots);
  if (draw === "first") {
    const first = source.slice(0, shots + Number(oneMore));
    return (item) => without(first, item);
  }
  const ours = (stream: string) =>
    // One more than needed, since the item itself may be among them.
    new Random(seed, stream).shuffle([...source.keys()]).slice(0, shots + 1)
      .map((i) => source[i]!);
  if (draw === "fixed") {
    const once = ours("shots");
    return (item) => without(once, item);
  }
  if (draw === "drawn") {
    return (item) => without(ours(`shots ${item.id}`), item);
  }
  const random = new PythonRandom(seed);
  const order = draw === "okapi" ? random.shuffle([...asked]) : asked;
  const count = shots === 0 ? 0 : shots + Number(oneMore);
  const planned = new Map(
    order.map((item) => [item, without(random.sample(source, count), item)]),
  );
  return (item) => {
    const found = planned.get(item);
    if (found) return found;
    throw new DataError(
      `Cannot draw examples for item ${item.id}: it is not in the data`,
    );
  };
}
