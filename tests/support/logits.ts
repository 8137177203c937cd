/**
 * What a model says of a text, as numbers.
 *
 * @module
 */
import type { Llama } from "../../lib/model/mod.ts";
import { noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";

/** Logits behind each token of one text, T V numbers. */
export async function logitsOf(
  model: Llama,
  ids: ArrayLike<number>,
): Promise<Float32Array> {
  const { device } = model;
  const shape = [1, ids.length];
  const logits = await scoped(() =>
    noGrad(() => {
      const input = tensor(Int32Array.from(ids), { shape, device });
      return model.forward(input).data();
    })
  );
  return logits as Float32Array;
}
