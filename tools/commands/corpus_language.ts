/**
 * The language that `corpus clean` keeps: its codes, for the filters that guess
 * languages, and its function words, for the filter of quality.
 *
 * @module
 */
import {
  ConfigError,
  exists,
  PORTUGUESE_STOP_WORDS,
  readText,
} from "../../lib/mod.ts";
import type { CommandLine, OptionSpec } from "./command.ts";

/** The language that a corpus is to be in. */
export interface WantedLanguage {
  /** ISO 639-1 codes; none where every language stays. */
  readonly languages: readonly string[];
  /** Words that good text has, lower case; none where it is not known. */
  readonly stopWords: readonly string[];
}

/** Options that name it. */
export const LANGUAGE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  languages: {
    kind: "text",
    value: "LIST",
    help: "ISO 639-1 codes of the languages that stay, or any, for all and " +
      "for those that cannot be guessed",
    default: "pt",
  },
  "stop-words": {
    kind: "text",
    value: "LIST|FILE",
    help: "words that good text in your language has (the, and, of), for the " +
      "filter quality; a file has one a line; without them Portuguese's where " +
      "pt stays, else that rule is off",
  },
};

/** Items between commas. */
export function listOf(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) =>
    item !== ""
  );
}

/** Words of a list, or of a file with one a line. */
async function readWords(listOrFile: string): Promise<string[]> {
  const text = await exists(listOrFile)
    ? (await readText(listOrFile, "stop words")).replaceAll("\n", ",")
    : listOrFile;
  const words = listOf(text).map((word) => word.toLowerCase());
  if (words.length > 0) return words;
  throw new ConfigError(
    `Cannot use --stop-words ${listOrFile}: there are no words in it`,
  );
}

/**
 * The language of `--languages` and `--stop-words`.
 *
 * @throws {ConfigError} when they name no language, or no words
 */
export async function wantedLanguage(
  line: CommandLine,
): Promise<WantedLanguage> {
  const typed = listOf(line.needText("languages"));
  if (typed.length === 0 || (typed.includes("any") && typed.length > 1)) {
    throw new ConfigError(
      `Cannot use --languages "${line.text("languages")}": wanted codes such ` +
        "as pt,es, or the word any alone",
    );
  }
  const languages = typed[0] === "any" ? [] : typed;
  const words = line.text("stop-words");
  if (words !== undefined) {
    return { languages, stopWords: await readWords(words) };
  }
  const isPortuguese = languages.includes("pt");
  return { languages, stopWords: isPortuguese ? PORTUGUESE_STOP_WORDS : [] };
}
