/**
 * The optimizer that a configuration asks for.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import { AdamW, Muon, type Optimizer } from "../optim/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * A fresh optimizer of all parameters, with a loss scale in mixed precision;
 * the caller disposes of it.
 */
export function trainOptimizer(model: Llama, config: TrainConfig): Optimizer {
  const options = {
    beta1: config.beta1,
    beta2: config.beta2,
    eps: config.adamEps,
    weightDecay: config.weightDecay,
    decays: (_: string, { shape }: { readonly shape: readonly number[] }) =>
      config.decayNorms || shape.length >= 2,
    clip: config.clip,
    lossScale: config.precision === "float16" ? {} : undefined,
  };
  const { momentum } = config;
  return config.optimizer === "muon"
    ? new Muon(model.parameters, { ...options, momentum })
    : new AdamW(model.parameters, options);
}
