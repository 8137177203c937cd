/**
 * Examples of a fine-tuning: order, batches, what is held out; and weights to
 * come back to.
 *
 * @module
 */
import type { Tensor } from "../tensor/mod.ts";
import { DataError, Random } from "../util/mod.ts";
import type { TuneRecipe } from "./tune_recipe.ts";

/** Examples in the order of one pass, cut into batches; the last may be small. */
export function shuffledBatches<T>(
  examples: readonly T[],
  { batchSize, seed }: TuneRecipe,
  epoch: number,
): T[][] {
  const order = new Random(seed, `fine-tuning/${epoch}`).shuffle([...examples]);
  return chunks(order, batchSize);
}

/** A list in pieces of `size`, the last one may be smaller. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

/**
 * Cuts examples at random into those to train on and those held out.
 *
 * @throws {DataError} when one of the two would be empty
 */
export function splitExamples<T>(
  examples: readonly T[],
  { validationShare, seed }: TuneRecipe,
): { readonly train: T[]; readonly validation: T[] } {
  const order = new Random(seed, "validation").shuffle([...examples]);
  const count = Math.round(validationShare * order.length);
  if (count === 0 || count === order.length) {
    throw new DataError(
      `Cannot hold out ${validationShare} of ${order.length} examples: ` +
        "one of the two parts would be empty",
    );
  }
  return { train: order.slice(count), validation: order.slice(0, count) };
}

/**
 * Parameters that are not trained get no gradient until this is disposed.
 *
 * @param trained what is trained: some of them, or others beside them (LoRA)
 */
export function freezeOthers(
  parameters: ReadonlyMap<string, Tensor>,
  trained: ReadonlyMap<string, Tensor>,
): Disposable {
  const kept = new Set(trained.values());
  const frozen = [...parameters.values()].filter((parameter) =>
    parameter.requiresGrad && !kept.has(parameter)
  );
  const setTo = (requiresGrad: boolean) => {
    for (const parameter of frozen) parameter.requiresGrad = requiresGrad;
  };
  setTo(false);
  return { [Symbol.dispose]: () => setTo(true) };
}

/** Tensors as they were, to come back to. */
export class Snapshot {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  #copies = new Map<string, Awaited<ReturnType<Tensor["data"]>>>();

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors;
  }

  /** Takes the tensors as they are now. */
  async take(): Promise<void> {
    for (const [name, tensor] of this.#tensors) {
      this.#copies.set(name, await tensor.data());
    }
  }

  /** Writes back what was taken last, if anything was. */
  restore(): void {
    for (const [name, data] of this.#copies) {
      this.#tensors.get(name)!.write(data);
    }
  }
}
