/**
 * One micro-step: forward, backward, the loss.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import { backward, mul, scoped, tensor } from "../tensor/mod.ts";
import type { TokenBatch } from "../text/mod.ts";

/**
 * Adds the gradients of a batch to those of the parameters. Where the batch
 * numbers its documents, no token sees those of another.
 *
 * @param options.share of this batch in the step, 1 / accumulation
 * @param options.checkpointBlocks saves memory, see `Llama.forward`
 * @returns its mean loss, nats per token, not weighted
 */
export function microStep(
  model: Llama,
  { inputs, targets, documents, B, T }: TokenBatch,
  { share = 1, checkpointBlocks = false }: {
    readonly share?: number;
    readonly checkpointBlocks?: boolean;
  } = {},
): Promise<number> {
  const { device } = model;
  return scoped(() => {
    const of = (ids: Int32Array) =>
      tensor(ids as Int32Array<ArrayBuffer>, { shape: [B, T], device });
    const loss = model.loss(of(inputs), of(targets), {
      checkpointBlocks,
      ...(documents && { documents: of(documents) }),
    });
    backward(share === 1 ? loss : mul(loss, share));
    return loss.item();
  }, "micro-step");
}
