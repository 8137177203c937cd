/**
 * Words that people try for commands which are called otherwise: names of
 * other toolkits' commands, and of things that are an option here.
 *
 * @module
 */

/** What to type in place of a word, after the program's name. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  "corpus build": "corpus pack",
  "corpus dedupe": "corpus clean --filters exact,near",
  "corpus filter": "corpus clean",
  convert: "export",
  dpo: "finetune prefer",
  evaluate: "eval",
  infer: "generate",
  instruct: "finetune chat",
  plots: "plot",
  pretrain: "train",
  quantize: "export --quantize int8",
  resume: "train --resume",
  runs: "log",
  sft: "finetune chat",
  stats: "corpus stats",
};
