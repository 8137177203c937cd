/**
 * A Llama, top to bottom.
 *
 *     x = embedding(ids)
 *     x = x + selfAttention(rmsNorm(x))      for every block
 *     x = x + feedForward(rmsNorm(x))
 *     logits = rmsNorm(x) · headᵀ
 *
 * (Touvron et al., 2023, "Llama 2".) Parameters carry the names of Hugging
 * Face's files; weights of linear layers are (out, in).
 *
 * @module
 */
import { currentDevice, type Device } from "../device/mod.ts";
import { ropeTable } from "../kernels/mod.ts";
import {
  feedForward,
  type LinearWeight,
  type LowRankChange,
  selfAttention,
} from "../nn/mod.ts";
import {
  add,
  checkpointed,
  embedding,
  keep,
  linear,
  linearCrossEntropy,
  type LinearCrossEntropyOptions,
  ones,
  randomNormal,
  rmsNorm,
  scoped,
  slice,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import { FreedError, type Shape, ShapeError } from "../util/mod.ts";
import { checkLlamaConfig, headSizeOf, type LlamaConfig } from "./config.ts";
import type { KvCache } from "./kv_cache.ts";
import { ropeScale } from "./rope_scaling.ts";

/** Names and shapes of the parameters of a configuration, in file order. */
export function parameterShapes(config: LlamaConfig): Map<string, Shape> {
  const { vocabSize: V, hiddenSize: C, intermediateSize: I } = config;
  const D = headSizeOf(config);
  const queries = config.numAttentionHeads * D;
  const keys = config.numKeyValueHeads * D;
  const shapes = new Map<string, Shape>();
  shapes.set("model.embed_tokens.weight", [V, C]);
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = `model.layers.${layer}`;
    shapes.set(`${block}.input_layernorm.weight`, [C]);
    shapes.set(`${block}.self_attn.q_proj.weight`, [queries, C]);
    shapes.set(`${block}.self_attn.k_proj.weight`, [keys, C]);
    shapes.set(`${block}.self_attn.v_proj.weight`, [keys, C]);
    shapes.set(`${block}.self_attn.o_proj.weight`, [C, queries]);
    shapes.set(`${block}.post_attention_layernorm.weight`, [C]);
    shapes.set(`${block}.mlp.gate_proj.weight`, [I, C]);
    shapes.set(`${block}.mlp.up_proj.weight`, [I, C]);
    shapes.set(`${block}.mlp.down_proj.weight`, [C, I]);
  }
  shapes.set("model.norm.weight", [C]);
  if (!config.tieWordEmbeddings) shapes.set("lm_head.weight", [V, C]);
  return shapes;
}

/** How a pass over tokens goes. */
export interface ForwardOptions {
  /** Earlier tokens; the new ones are added to it. */
  readonly cache?: KvCache;
  /** Logits of the last position only: (B, 1, V). */
  readonly lastOnly?: boolean;
  /**
   * (B, T) int32: the document of every token, when rows are packed with
   * several; none sees another's tokens. Not together with a cache.
   */
  readonly documents?: Tensor;
  /**
   * Saves only what goes into each block and computes the rest again in
   * `backward` (`checkpointed`): less memory for a third more time.
   */
  readonly checkpointBlocks?: boolean;
  /** Changes of the blocks' matrices, by the name of the parameter (LoRA). */
  readonly adapters?: ReadonlyMap<string, LowRankChange>;
  /**
   * Sees intermediate results by name as they come: `hidden.0` (the embedding)
   * to `hidden.L` (B, T, C), and of each layer what `selfAttention` shows, as in
   * `layers.0.queries`. They are freed afterwards unless they are kept.
   */
  readonly watch?: (name: string, x: Tensor) => void;
}

/** What the loss is, and over what. */
export type LossOptions =
  & LinearCrossEntropyOptions
  & Pick<ForwardOptions, "documents" | "checkpointBlocks" | "adapters">;

/** A language model; owns its parameters. */
export class Llama implements Disposable {
  readonly config: LlamaConfig;
  readonly device: Device;
  /**
   * By name, in the order of `parameterShapes`: float32, or matrices stored in
   * 16 bits in a model that is not trained.
   */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly #angles: Tensor;

  /** @param parameters all that `parameterShapes` names; taken over */
  constructor(
    config: LlamaConfig,
    parameters: ReadonlyMap<string, Tensor>,
    device: Device,
  ) {
    this.config = checkLlamaConfig(config);
    this.parameters = parameters;
    this.device = device;
    const headSize = headSizeOf(config);
    const { maxPositionEmbeddings, ropeTheta } = config;
    const scale = ropeScale(config.ropeScaling);
    const table = ropeTable(maxPositionEmbeddings, headSize, ropeTheta, scale);
    const shape = [maxPositionEmbeddings, headSize / 2, 2];
    this.#angles = keep(tensor(table, { shape, device, label: "rope angles" }));
  }

  /**
   * A model with fresh weights: normal with the configuration's
   * `initializerRange`, norms at 1 (Hugging Face's default for Llama).
   *
   * @throws {ConfigError} when the sizes do not fit together
   */
  static create<L extends Llama>(
    this: new (...parts: ConstructorParameters<typeof Llama>) => L,
    config: LlamaConfig,
    { seed, device = currentDevice() }: { seed: number; device?: Device },
  ): L {
    checkLlamaConfig(config);
    const std = config.initializerRange;
    const parameters = new Map<string, Tensor>();
    for (const [name, shape] of parameterShapes(config)) {
      const options = { device, label: name, requiresGrad: true };
      const parameter = shape.length === 1
        ? ones(shape, options)
        : randomNormal(shape, { ...options, std, seed, stream: name });
      parameters.set(name, keep(parameter));
    }
    return new this(config, parameters, device);
  }

  /**
   * Whether passes over the same shapes launch the same work, so that they may
   * be replayed; a subclass may do other work each time.
   */
  get launchesAlike(): boolean {
    return this.constructor === Llama;
  }

  /** A parameter by name. */
  parameter(name: string): Tensor {
    const found = this.parameters.get(name);
    if (!found) throw new FreedError(`Cannot find the parameter "${name}"`);
    return found;
  }

  /**
   * Logits of the next token at every position.
   *
   * @param ids (B, T) int32, each in 0..V-1
   * @returns (B, T, V)
   * @throws {ShapeError} when ids is no (B, T) or longer than the context
   */
  forward(ids: Tensor, options: ForwardOptions = {}): Tensor {
    return scoped(
      () => linear(this.hidden(ids, options), this.head),
      "Llama.forward",
    );
  }

  /**
   * Mean cross-entropy of the next token, in nats. The logits of a large batch
   * never exist at once (`linearCrossEntropy`).
   *
   * @param ids (B, T) int32
   * @param targets (B, T) int32; -100 does not count
   */
  loss(ids: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
    const { documents, adapters, checkpointBlocks = false, ...rest } = options;
    return scoped(() => {
      const x = this.hidden(ids, {
        checkpointBlocks,
        ...(documents && { documents }),
        ...(adapters && { adapters }),
      });
      return linearCrossEntropy(x, this.head, targets, rest);
    }, "Llama.loss");
  }

  /**
   * What the head reads: the last block's output, normalised.
   *
   * @param ids (B, T) int32, each in 0..V-1
   * @returns (B, T, C)
   * @throws {ShapeError} when ids is no (B, T) or longer than the context
   */
  hidden(ids: Tensor, options: ForwardOptions = {}): Tensor {
    const { cache, lastOnly = false, watch } = options;
    const [, time] = this.#checkIds(ids, cache?.length ?? 0);
    const { numHiddenLayers, rmsNormEps } = this.config;
    return scoped(() => {
      let x = embedding(this.parameter("model.embed_tokens.weight"), ids);
      watch?.("hidden.0", x);
      for (let layer = 0; layer < numHiddenLayers; layer++) {
        const before = x;
        const block = (x: Tensor) =>
          scoped(() => this.#block(x, layer, options), `block ${layer}`);
        x = options.checkpointBlocks
          ? checkpointed(block, before)
          : block(before);
        watch?.(`hidden.${layer + 1}`, x);
        before.dispose(); // the tape keeps what it needs
      }
      cache?.advance(time);
      if (lastOnly) x = slice(x, 1, { start: time - 1 });
      return rmsNorm(x, this.parameter("model.norm.weight"), rmsNormEps);
    }, "Llama.hidden");
  }

  /** x (B, T, C) → (B, T, C). */
  #block(
    x: Tensor,
    layer: number,
    { cache, documents, watch, adapters }: ForwardOptions,
  ): Tensor {
    const nameOf = (name: string) => `model.layers.${layer}.${name}.weight`;
    const weight = (name: string) => this.parameter(nameOf(name));
    const matrix = (name: string): LinearWeight => {
      const change = adapters?.get(nameOf(name));
      return change ? { base: weight(name), change } : weight(name);
    };
    const { rmsNormEps } = this.config;
    const attended = add(
      x,
      selfAttention(rmsNorm(x, weight("input_layernorm"), rmsNormEps), {
        query: matrix("self_attn.q_proj"),
        key: matrix("self_attn.k_proj"),
        value: matrix("self_attn.v_proj"),
        output: matrix("self_attn.o_proj"),
      }, {
        headSize: headSizeOf(this.config),
        angles: this.#angles,
        cache: cache?.layer(layer),
        documents,
        watch: watch && ((name, x) => watch(`layers.${layer}.${name}`, x)),
      }),
    );
    const normed = rmsNorm(
      attended,
      weight("post_attention_layernorm"),
      rmsNormEps,
    );
    return add(
      attended,
      feedForward(normed, {
        gate: matrix("mlp.gate_proj"),
        up: matrix("mlp.up_proj"),
        down: matrix("mlp.down_proj"),
      }),
    );
  }

  /** Weights of the output, (V, C); the embedding's where they are tied. */
  get head(): Tensor {
    return this.parameter(
      this.config.tieWordEmbeddings
        ? "model.embed_tokens.weight"
        : "lm_head.weight",
    );
  }

  #checkIds(ids: Tensor, cached: number): [batch: number, time: number] {
    if (ids.shape.length !== 2 || ids.size === 0) {
      throw new ShapeError(
        `Cannot run the model on ids of shape (${ids.shape.join(", ")}): ` +
          "wanted (B, T) with at least one token",
      );
    }
    const [batch, time] = ids.shape as [number, number];
    const { maxPositionEmbeddings } = this.config;
    if (cached + time > maxPositionEmbeddings) {
      throw new ShapeError(
        `Cannot run the model on ${cached + time} tokens: its context holds ` +
          `${maxPositionEmbeddings} (maxPositionEmbeddings)`,
      );
    }
    return [batch, time];
  }

  /** Frees the parameters. */
  [Symbol.dispose](): void {
    for (const parameter of this.parameters.values()) parameter.dispose();
    this.#angles.dispose();
  }

  /** Frees the parameters. */
  dispose(): void {
    this[Symbol.dispose]();
  }
}
