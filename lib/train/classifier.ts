/**
 * A Llama that names a text's class: a linear layer reads the last token that
 * is not padding, as Hugging Face's `LlamaForSequenceClassification` does, by
 * which TeenyTinyLlama was fine-tuned.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { LowRankChange } from "../nn/mod.ts";
import {
  crossEntropy,
  keep,
  linear,
  noGrad,
  randomNormal,
  reshape,
  scoped,
  take,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { ConfigError, DataError, softmaxOf } from "../util/mod.ts";
import { chunks } from "./tune_examples.ts";

/** A text, or two that belong together, and its class. */
export interface LabeledText {
  readonly text: string;
  /** Second text: a hypothesis, an answer. */
  readonly pair?: string;
  readonly label: string;
}

/** A text as the model reads it. */
export interface ClassifierInput {
  /** At least one token. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** Index of its class. */
  readonly label: number;
}

/** A language model with a head for classes; owns both. */
export class SequenceClassifier implements Disposable {
  readonly model: Llama;
  readonly tokenizer: Tokenizer;
  /** Names of the classes, in the order of the head's rows. */
  readonly labels: readonly string[];
  /** (classes, C); `score.weight` in files. */
  readonly head: Tensor;
  /** Changes of the model's matrices while LoRA trains. */
  adapters: ReadonlyMap<string, LowRankChange> | undefined;

  /**
   * @param model taken over
   * @param options.labels at least two names, each once
   * @param options.seed of the head's first weights
   * @throws {ConfigError} when there are fewer labels or one comes twice
   */
  constructor(
    { model, tokenizer }: {
      readonly model: Llama;
      readonly tokenizer: Tokenizer;
    },
    { labels, seed = 0 }: {
      readonly labels: readonly string[];
      readonly seed?: number;
    },
  ) {
    if (labels.length < 2 || new Set(labels).size < labels.length) {
      throw new ConfigError(
        `Cannot classify into ${labels.join(", ") || "no classes"}: wanted ` +
          "at least two different ones",
      );
    }
    this.model = model;
    this.tokenizer = tokenizer;
    this.labels = labels;
    const { hiddenSize, initializerRange: std } = model.config;
    this.head = keep(randomNormal([labels.length, hiddenSize], {
      ...{ device: model.device, requiresGrad: true, label: "score.weight" },
      ...{ std, seed, stream: "score.weight" },
    }));
  }

  /**
   * What the model reads: `<s> text`, or of two `<s> text <s> pair </s>` as
   * TTL wrote them, cut at the end to `maxTokens`.
   *
   * @returns the inputs, and how many were cut
   * @throws {DataError} naming an empty text or a label that is not known
   */
  encode(
    texts: readonly LabeledText[],
    maxTokens: number,
  ): { readonly inputs: ClassifierInput[]; readonly cut: number } {
    const { tokenizer } = this;
    const most = Math.min(maxTokens, this.model.config.maxPositionEmbeddings);
    let cut = 0;
    const inputs = texts.map(({ text, pair, label }, i) => {
      const index = this.labels.indexOf(label);
      if (index < 0) {
        throw new DataError(
          `Cannot use text ${i + 1}: its label is "${label}", ` +
            `wanted ${this.labels.join(", ")}`,
        );
      }
      if (text.trim() === "" || pair?.trim() === "") {
        throw new DataError(`Cannot use text ${i + 1}: it is empty`);
      }
      const first = tokenizer.encode(text, { bos: true });
      const ids = pair === undefined
        ? first
        : [...first, ...tokenizer.encode(pair, { bos: true, eos: true })];
      if (ids.length > most) cut++;
      return { ids: Int32Array.from(ids.slice(0, most)), label: index };
    });
    return { inputs, cut };
  }

  /**
   * Scores of the classes.
   *
   * @param batch texts, which are padded on the right to the longest
   * @returns (B, classes)
   */
  logits(batch: readonly ClassifierInput[]): Tensor {
    const { device, config } = this.model;
    const B = batch.length;
    const T = Math.max(...batch.map(({ ids }) => ids.length));
    const padded = new Int32Array(B * T).fill(config.padTokenId);
    for (const [b, { ids }] of batch.entries()) padded.set(ids, b * T);
    const last = Int32Array.from(
      batch,
      ({ ids }, b) => b * T + ids.length - 1,
    );
    const { adapters } = this;
    return scoped(() => {
      const ids = tensor(padded, { shape: [B, T], device });
      const hidden = this.model.hidden(ids, { ...(adapters && { adapters }) });
      const rows = reshape(hidden, [B * T, config.hiddenSize]);
      return linear(take(rows, tensor(last, { device })), this.head);
    }, "SequenceClassifier.logits");
  }

  /** Mean cross-entropy of the classes in nats, a scalar. */
  loss(batch: readonly ClassifierInput[]): Tensor {
    const { device } = this.model;
    const targets = Int32Array.from(batch, ({ label }) => label);
    return scoped(
      () => crossEntropy(this.logits(batch), tensor(targets, { device })),
      "SequenceClassifier.loss",
    );
  }

  /**
   * Probabilities of the classes for each input, in its order. Texts of about
   * the same length run together.
   */
  async probabilities(
    inputs: readonly ClassifierInput[],
    { batchSize = 16 }: { readonly batchSize?: number } = {},
  ): Promise<Float64Array[]> {
    const results = new Array<Float64Array>(inputs.length);
    const byLength = inputs.map((input, index) => ({ input, index }))
      .sort((a, b) => a.input.ids.length - b.input.ids.length);
    const K = this.labels.length;
    for (const batch of chunks(byLength, batchSize)) {
      const scores = await scoped(
        () => noGrad(() => this.logits(batch.map((x) => x.input)).data()),
        "SequenceClassifier.probabilities",
      );
      for (const [row, { index }] of batch.entries()) {
        results[index] = softmaxOf(scores.subarray(row * K, (row + 1) * K));
      }
    }
    return results;
  }

  /**
   * Probabilities of the classes of texts without labels.
   *
   * @throws {DataError} when a text is empty
   */
  classify(
    texts: readonly Omit<LabeledText, "label">[],
    { maxTokens = Infinity }: { readonly maxTokens?: number } = {},
  ): Promise<Float64Array[]> {
    const label = this.labels[0]!; // not looked at
    const labeled = texts.map((text) => ({ ...text, label }));
    return this.probabilities(this.encode(labeled, maxTokens).inputs);
  }

  /** Frees the head and the model. */
  [Symbol.dispose](): void {
    this.head.dispose();
    this.model.dispose();
  }
}
