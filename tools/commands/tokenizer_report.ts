/**
 * `caderno tokenizer report` and `compare`: tables of how well tokenizers fit
 * texts, with TTL's table 1 below them.
 *
 * @module
 */
import {
  compareTokenizers,
  ConfigError,
  formatPercent,
  formatTable,
  type NamedTokenizerReport,
  pieceCoverage,
  Progress,
  tokenizerReport,
  ttlTokenizers,
  type WordBand,
  wordBands,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { readDocuments } from "./documents.ts";
import { holdsTokenizer, openTokenizer } from "./run_folder.ts";
import { print, StatusLine } from "./terminal.ts";

/** Share of a text whose most frequent pieces are counted. */
const COVERED = 0.9;

/** `tokenizer report TOKENIZER TEXT…`: one tokenizer on several texts. */
export async function runReport(line: CommandLine): Promise<void> {
  const [path, ...texts] = line.operands;
  const tokenizer = await openTokenizer(path!);
  const reports: NamedTokenizerReport[] = [];
  using status = new StatusLine(
    new Progress("Encode", { total: texts.length, unit: "texts" }),
  );
  for (const [i, name] of texts.entries()) {
    status.update(i, name);
    const text = await readText(name, line);
    reports.push({ name, ...tokenizerReport(tokenizer, text) });
  }
  print(`${path}: ${tokenizer.vocabSize} pieces`);
  print();
  print(formatTable([
    ["text", "words", ...REPORT_HEAD],
    ...reports.map((report) => [
      report.name,
      report.words,
      ...reportCells(report),
    ]),
  ]));
  await printPublished();
}

/** `tokenizer compare TEXT TOKENIZER…`: several tokenizers on one text. */
export async function runCompare(line: CommandLine): Promise<void> {
  const [path, ...names] = line.operands;
  const text = await readText(path!, line);
  const reports: NamedTokenizerReport[] = [];
  const covering = new Map<string, number>();
  const bands = new Map<string, WordBand[]>();
  using status = new StatusLine(
    new Progress("Compare", { total: names.length, unit: "tokenizers" }),
  );
  for (const [i, name] of names.entries()) {
    status.update(i, name);
    const tokenizer = await openTokenizer(name);
    reports.push(...compareTokenizers({ [name]: tokenizer }, text));
    const { shares } = pieceCoverage(tokenizer, text);
    covering.set(name, shares.findIndex((share) => share >= COVERED) + 1);
    bands.set(name, wordBands(tokenizer, text));
  }
  reports.sort((a, b) => a.tokens - b.tokens);
  print(`${path}: ${reports[0]!.words} words, ${reports[0]!.bytes} bytes`);
  print();
  print(formatTable([
    ["tokenizer", "pieces", ...REPORT_HEAD, "pieces for 90 %"],
    ...reports.map((report) => [
      report.name,
      report.vocabSize,
      ...reportCells(report),
      covering.get(report.name)!,
    ]),
  ]));
  print("\nWords that are one token, by rank of their frequency:\n");
  const [first] = bands.values();
  print(formatTable([
    ["tokenizer", ...first!.map(({ from, to }) => `${from}-${to}`)],
    ...reports.map(({ name }) => [
      name,
      ...bands.get(name)!.map(({ wholeShare }) => formatPercent(wholeShare)),
    ]),
  ]));
  await printPublished();
}

/**
 * All texts of a folder or a file as one.
 *
 * @throws {ConfigError} when it is a tokenizer, whose place is another
 */
async function readText(path: string, line: CommandLine): Promise<string> {
  if (await holdsTokenizer(path)) {
    const { name, operands } = line.command;
    throw new ConfigError(
      `Cannot measure the text ${path}: it is a tokenizer; wanted ${name} ` +
        operands.join(" "),
    );
  }
  const documents = await readDocuments(path);
  return documents.map(({ text }) => text).join("\n");
}

const REPORT_HEAD = ["tokens", "tokens/word", "bytes/token", "whole words"];

function reportCells(report: NamedTokenizerReport): (string | number)[] {
  return [
    report.tokens,
    report.tokensPerWord.toFixed(3),
    report.bytesPerToken.toFixed(3),
    formatPercent(report.wholeWordShare),
  ];
}

async function printPublished(): Promise<void> {
  const published = await ttlTokenizers();
  print(
    "\nFor comparison, on 7,400 words of TTL (arXiv 2401.16640, table 1): " +
      published.map(({ name, tokensPerWord }) =>
        `${name} ${tokensPerWord.toFixed(2)}`
      ).join(", "),
  );
}
