/**
 * `caderno eval contamination`: whether items of a task stand in the texts that
 * a model was trained on.
 *
 * @module
 */
import { join } from "node:path";
import {
  type AnswerItem,
  type ChoiceItem,
  ContaminationCheck,
  type ContaminationItem,
  DataError,
  formatPercent,
  formatTable,
  isShardFolder,
  type LikelihoodItem,
  loadTokenizer,
  openCorpus,
  openShards,
  Progress,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { planTask } from "./eval_plan.ts";
import { print, StatusLine } from "./terminal.ts";

/** Found items that are listed. */
const MAX_ROWS = 20;

/** What is looked for: all that stands in an item but the letters. */
function textsOf(
  item: ChoiceItem | AnswerItem | LikelihoodItem,
): ContaminationItem {
  const { id } = item;
  if ("fields" in item) return { id, texts: Object.values(item.fields) };
  if ("target" in item) {
    return { id, texts: [`${item.context} ${item.target}`] };
  }
  const { question, choices, gold } = item;
  return { id, texts: [question, `${question} ${choices[gold]}`] };
}

/** Documents of shards as text, one in memory at a time. */
async function addShards(
  check: ContaminationCheck,
  folder: string,
): Promise<void> {
  const tokenizer = await loadTokenizer(join(folder, "tokenizer"));
  using tokens = await openShards(folder, { tokenizer });
  const starts = [...tokens.documentStarts(0, tokens.length), tokens.length];
  using line = new StatusLine(
    new Progress(`Read ${folder}`, { total: tokens.length, unit: "tokens" }),
  );
  for (const [i, end] of starts.slice(1).entries()) {
    const text = tokenizer.decode(tokens.subarray(starts[i]!, end));
    check.add({ name: `${folder} document ${i}`, text });
    line.update(end);
  }
}

async function addTexts(check: ContaminationCheck, path: string) {
  const corpus = await openCorpus(path, { markdown: "source" });
  using line = new StatusLine(
    new Progress(`Read ${path}`, { total: corpus.fileBytes, unit: "bytes" }),
  );
  for await (const document of corpus) {
    check.add(document);
    line.update(corpus.tally.fileBytes);
  }
}

async function runEvalContamination(line: CommandLine): Promise<void> {
  const [spec = "", ...corpora] = line.operands;
  const { task, items } = await planTask(spec, undefined);
  const words = line.needNumber("words");
  const asked = [...items].filter(({ split }) =>
    task.askedSplits.includes(split)
  );
  if (asked.length === 0) {
    throw new DataError(`Cannot look for ${task.name}: its data asks nothing`);
  }
  const check = new ContaminationCheck(asked.map(textsOf), words);
  for (const path of corpora) {
    const isShards = await isShardFolder(path);
    await (isShards ? addShards(check, path) : addTexts(check, path));
  }
  const { found, ...counts } = check.report();
  if (counts.documents === 0) {
    throw new DataError(`Cannot look in ${corpora.join(", ")}: no text in it`);
  }
  if (found.length > 0) {
    print(formatTable([
      ["item", "share", "first in", "words"],
      ...found.slice(0, MAX_ROWS).map(({ id, share, document, words }) => [
        id,
        formatPercent(share, 2),
        document,
        words,
      ]),
    ]));
    if (found.length > MAX_ROWS) print(`… ${found.length - MAX_ROWS} more`);
    print();
  }
  print(
    `${found.length} of ${counts.items} items share ${words} words in a row ` +
      `with one of ${counts.documents} documents; ${counts.tooShort} are ` +
      "shorter than that",
  );
}

/** The command "eval contamination". */
export const evalContaminationCommand: Command = {
  name: "eval contamination",
  summary: "Look for the items of a task in a training corpus",
  operands: ["TASK[=FILE]", "CORPUS…"],
  options: {
    words: {
      kind: "count",
      help: "words in a row that make a find; case and punctuation aside",
      range: [2, 100],
      default: "13",
    },
  },
  example: "eval contamination arc_pt=arc_pt.jsonl corpora/stories",
  run: runEvalContamination,
};
