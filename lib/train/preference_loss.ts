/**
 * Direct preference optimization (Rafailov et al., 2023, arXiv 2305.18290,
 * equation 7):
 *
 *     r(y) = β (ln π(y | x) - ln π_ref(y | x))        reward of an answer
 *     loss = -ln σ(r(chosen) - r(rejected))           mean over the pairs
 *
 * With a share ε of pairs that are taken to be labelled the wrong way round,
 * (1 - ε) times that and ε times the loss of the other way ("conservative DPO",
 * Mitchell, 2023).
 *
 * @module
 */
import { chatBatch, type ChatTokens } from "../chat/mod.ts";
import type { Llama } from "../model/mod.ts";
import type { LowRankChange } from "../nn/mod.ts";
import {
  add,
  linearCrossEntropy,
  mean,
  mul,
  neg,
  scoped,
  slice,
  softplus,
  stack,
  sub,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";

/**
 * Natural logarithms of the probability of answers: sums over the tokens that
 * count. The blocks run side by side; the head reads one answer after the
 * other, so that the logits of all need not exist at once.
 *
 * @param answers conversations, each with at least one token that counts
 * @param options.adapters changes of the matrices (LoRA)
 * @returns (B)
 */
export function answerLogProbs(
  model: Llama,
  answers: readonly ChatTokens[],
  { adapters }: {
    readonly adapters?: ReadonlyMap<string, LowRankChange> | undefined;
  } = {},
): Tensor {
  const { device, config } = model;
  const { inputs, targets, B, T } = chatBatch(
    answers.map((answer) => [answer]),
    { loss: "answers", padId: config.padTokenId, rowTokens: Infinity },
  );
  return scoped(() => {
    const ids = tensor(inputs as Int32Array<ArrayBuffer>, {
      ...{ shape: [B, T], device },
    });
    const hidden = model.hidden(ids, { ...(adapters && { adapters }) });
    return stack(
      answers.map((_, b) => {
        const row = targets.slice(b * T, (b + 1) * T);
        const counted = row.reduce((n, id) => id >= 0 ? n + 1 : n, 0);
        const x = slice(hidden, 0, { start: b, end: b + 1 });
        // The answer is the end of the row: what is before it needs no logits.
        const start = row.findIndex((id) => id >= 0);
        const end = row.findLastIndex((id) => id >= 0) + 1;
        const loss = linearCrossEntropy(
          slice(x, 1, { start, end }),
          model.head,
          tensor(row.slice(start, end), { device }),
        );
        return mul(loss, -counted);
      }),
      0,
    );
  }, "answerLogProbs");
}

/** Settings of {@linkcode dpoLoss}. */
export interface DpoOptions {
  /** β: how much straying from the reference costs; above 0. */
  readonly beta: number;
  /** ε: share of pairs labelled the wrong way round, in [0, 0.5); 0. */
  readonly labelSmoothing?: number;
}

/**
 * The loss of B pairs, and the rewards.
 *
 * @param logProbs (2 B): those of the chosen answers, then of the rejected
 * @param reference (2 B): the same under the reference
 * @returns the mean loss in nats, a scalar; rewards (2 B) in nats
 */
export function dpoLoss(
  logProbs: Tensor,
  reference: Tensor,
  { beta, labelSmoothing = 0 }: DpoOptions,
): { readonly loss: Tensor; readonly rewards: Tensor } {
  return scoped(() => {
    const rewards = mul(sub(logProbs, reference), beta);
    const B = rewards.size / 2;
    const margins = sub(
      slice(rewards, 0, { end: B }),
      slice(rewards, 0, { start: B }),
    );
    // ln(1 + e^m) - ln(1 + e^-m) = m, which is all that ε changes.
    const losses = add(softplus(neg(margins)), mul(margins, labelSmoothing));
    return { loss: mean(losses), rewards };
  }, "dpoLoss");
}
