/**
 * The options of `caderno train`: what a person chooses; the rest is derived
 * and printed.
 *
 * @module
 */
import {
  LLAMA_PRESETS,
  OPTIMIZER_KINDS,
  PRECISION_KINDS,
  SCHEDULE_KINDS,
} from "../../lib/mod.ts";
import type { OptionSpec } from "./command.ts";

const RUN: Record<string, OptionSpec> = {
  out: {
    heading: "Run",
    kind: "text",
    value: "FOLDER",
    help: "new folder for settings, log, checkpoints and model",
  },
  spec: {
    kind: "text",
    value: "FILE",
    help:
      "YAML with these options, or TeenyTinyLlama's; typed ones count first",
  },
  resume: {
    kind: "switch",
    help: "goes on with the run in that folder, by its own settings; more " +
      "--tokens or --epochs make it longer",
  },
  "dry-run": {
    kind: "switch",
    help: "shows the plan and writes nothing",
  },
  license: {
    kind: "text",
    value: "NAME",
    help: "licence of the model, for its card, such as apache-2.0",
  },
  language: {
    kind: "text",
    value: "CODE",
    help: "language of the model, for its card, such as gl; the synthetic " +
      "corpus is pt",
  },
  "check-numbers": {
    kind: "switch",
    help: "slow; names the first kernel that makes a NaN or an infinity",
  },
};

const DATA: Record<string, OptionSpec> = {
  text: {
    heading: "Data",
    kind: "text",
    value: "FOLDER",
    help: "texts in any format that corpora are read in, or packed shards",
  },
  synthetic: {
    kind: "bytes",
    help: "or so much of the synthetic Portuguese corpus",
    range: [1, Infinity],
  },
  "held-out": {
    kind: "number",
    help: "share of the text that is not trained on",
    range: [0.001, 0.5],
    default: "0.05",
  },
  tokenizer: {
    kind: "text",
    value: "FOLDER",
    help: "tokenizer to take; without it one is trained on the data",
  },
  "sanity-check": {
    kind: "switch",
    help: "only 1000 sequences to train on and 100 held out, as in TTL",
  },
};

const MODEL: Record<string, OptionSpec> = {
  preset: {
    heading: "Model",
    kind: "text",
    value: "NAME",
    help: `sizes to begin with: ${Object.keys(LLAMA_PRESETS).join(", ")}`,
    default: "tiny-128",
  },
  depth: {
    kind: "count",
    help: "one dial: sizes, tokens, batch and rate that suit so many blocks",
    range: [1, 64],
  },
  from: {
    kind: "text",
    value: "FOLDER",
    help: "goes on from a model that is there, with its sizes and tokenizer; " +
      "it wants a lower --learning-rate",
  },
  layers: {
    kind: "count",
    help: "blocks, in place of the preset's",
    range: [1, Infinity],
  },
  hidden: {
    kind: "count",
    help: "width of the residual stream; divides by the heads",
    range: [1, Infinity],
  },
  intermediate: {
    kind: "count",
    help:
      "width of the feed-forward block; 8/3 of --hidden where that is given",
    range: [1, Infinity],
  },
  heads: {
    kind: "count",
    help: "heads of queries",
    range: [1, Infinity],
  },
  "kv-heads": {
    kind: "count",
    help: "heads of keys and values; as --heads where that is given",
    range: [1, Infinity],
  },
  context: {
    kind: "count",
    help: "most tokens that the model can see at once",
    range: [1, Infinity],
  },
  vocab: {
    kind: "count",
    help: "pieces of the tokenizer that is trained",
    range: [261, Infinity],
  },
  "tie-embeddings": {
    kind: "switch",
    help: "the output uses the embedding's weights",
  },
};

const TRAINING: Record<string, OptionSpec> = {
  tokens: {
    heading: "Training",
    kind: "count",
    help: "training tokens in all, such as 1M",
    range: [1, Infinity],
  },
  epochs: {
    kind: "number",
    value: "X",
    help: "or so many passes over the training text",
    range: [1e-6, 1e6],
  },
  "learning-rate": {
    kind: "number",
    help: "at its peak, above 0; 0.003 suits models below 10M parameters",
    default: "0.003",
  },
  sequence: {
    kind: "count",
    help: "tokens of a sequence; the whole --context without it",
    range: [1, Infinity],
  },
  batch: {
    kind: "count",
    help: "sequences of a micro-step",
    range: [1, Infinity],
    default: "8",
  },
  accumulation: {
    kind: "count",
    help: "micro-steps of a step",
    range: [1, Infinity],
    default: "1",
  },
  warmup: {
    kind: "count",
    help: "steps of linear warm-up; 2 % of the run without it",
    range: [0, Infinity],
  },
  schedule: {
    kind: "text",
    value: "KIND",
    help: `how the rate goes on after the warm-up: ${
      SCHEDULE_KINDS.join(", ")
    }`,
    default: "cosine",
  },
  "schedule-stretch": {
    kind: "number",
    help: "draws warm-up and decay out beyond the run, as TTL's 460m by its " +
      "accumulation of 2",
    range: [1, 1000],
    default: "1",
  },
  "min-rate": {
    kind: "number",
    help: "learning rate at the end, as a share of the peak",
    range: [0, 1],
    default: "0.1",
  },
  "decay-share": {
    kind: "number",
    help: "last part of the run in which the schedule wsd decays",
    range: [0, 1],
    default: "0.2",
  },
  optimizer: {
    kind: "text",
    value: "KIND",
    help: `${
      OPTIMIZER_KINDS.join(" or ")
    }; Muon takes the hidden matrices, AdamW the rest`,
    default: "adamw",
  },
  momentum: {
    kind: "number",
    help: "Muon's mean of gradients",
    range: [0, 0.99999],
    default: "0.95",
  },
  "weight-decay": {
    kind: "number",
    help: "the optimizer's decay",
    range: [0, 1],
    default: "0.1",
  },
  "decay-norms": {
    kind: "switch",
    help: "weights of norms decay too, as they did in TTL",
  },
  beta1: {
    kind: "number",
    help: "AdamW's mean of gradients",
    range: [0, 0.99999],
    default: "0.9",
  },
  beta2: {
    kind: "number",
    help: "AdamW's mean of squared gradients",
    range: [0, 0.99999],
    default: "0.95",
  },
  "adam-eps": {
    kind: "number",
    help: "AdamW's epsilon, above 0",
    default: "1e-8",
  },
  clip: {
    kind: "number",
    help: 'largest norm of the gradients, above 0; "off" for none',
    default: "1",
  },
  "z-loss": {
    kind: "number",
    help: "weight of the squared log-sum-exp of the logits, such as 1e-4",
    range: [0, 1],
    default: "0",
  },
  "label-smoothing": {
    kind: "number",
    help: "share of each target that is spread over the vocabulary",
    range: [0, 0.99999],
    default: "0",
  },
  "mask-documents": {
    kind: "switch",
    help: "attention stays in its document, where TTL's crosses into others",
  },
  "average-decay": {
    kind: "number",
    help: "averages the weights, such as 0.999: the average is what counts",
    range: [0, 0.99999],
    default: "0",
  },
  "divergence-margin": {
    kind: "number",
    help: 'nats above the loss of chance that end the run, above 0; or "off"',
    default: "2",
  },
  precision: {
    kind: "text",
    value: "KIND",
    help: `${
      PRECISION_KINDS.join(" or ")
    }: factors of matrix products, with a loss scale, on a GPU with shader-f16`,
    default: "float32",
  },
  "gradient-checkpointing": {
    kind: "switch",
    help: "computes blocks again in backward: less memory, a third more time",
  },
  seed: {
    kind: "count",
    help: "seed of corpus, weights and order",
    range: [0, 2 ** 32 - 1],
    default: "0",
  },
  "evaluate-every": {
    kind: "count",
    help: "steps between evaluations; a tenth of the run without it",
    range: [1, Infinity],
  },
  "evaluation-tokens": {
    kind: "count",
    help: "held-out tokens of an evaluation",
    range: [1, Infinity],
    default: "16384",
  },
  "sample-every": {
    kind: "count",
    help: "steps between samples; as --evaluate-every without it",
    range: [1, Infinity],
  },
  prompts: {
    kind: "text",
    value: "A|B",
    help: "beginnings that samples go on from, one after the other",
  },
  "sample-length": {
    kind: "count",
    help: "most tokens of a sample, its prompt counted; 64 new without it",
    range: [2, Infinity],
  },
  samples: {
    kind: "count",
    help: "samples from a prompt each time",
    range: [1, 1024],
    default: "1",
  },
  "checkpoint-every": {
    kind: "count",
    help: "steps between checkpoints; a fifth of the run without it",
    range: [1, Infinity],
  },
  "keep-checkpoints": {
    kind: "count",
    help: "newest checkpoints that stay",
    range: [1, Infinity],
    default: "2",
  },
  "keep-every": {
    kind: "count",
    help: "checkpoints of every so many steps stay beside them; 0 for none",
    default: "0",
  },
};

/** Where the electricity comes from. */
export const ENERGY_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  country: {
    heading: "Energy",
    kind: "text",
    value: "CODE",
    help: "ISO 3166 code or name, for carbon; without it energy only",
  },
  region: {
    kind: "text",
    value: "NAME",
    help: "region of the country, where the tables have it",
  },
  intensity: {
    kind: "number",
    value: "G_PER_KWH",
    help: "known carbon intensity in g CO2eq/kWh, in place of the tables",
    range: [0, 5000],
  },
  pue: {
    kind: "number",
    help: "facility energy over machine energy",
    range: [1, 10],
    default: "1",
  },
};

/** All of them, in the order of the help. */
export const TRAIN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...RUN,
  ...DATA,
  ...MODEL,
  ...TRAINING,
  ...ENERGY_OPTIONS,
};
