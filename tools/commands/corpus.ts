/**
 * `caderno corpus`: the list of its commands, and synthetic Portuguese text.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import {
  ConfigError,
  exists,
  SYNTHETIC_GENRES,
  type SyntheticDifficulty,
  type SyntheticDocumentOptions,
  type SyntheticGenre,
  type SyntheticStory,
  writeAll,
  writeFileAtomic,
  writeFolderAtomic,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { corpusCleanCommand } from "./corpus_clean.ts";
import { corpusDebianCommand } from "./corpus_debian.ts";
import { corpusPackCommand } from "./corpus_pack.ts";
import { corpusStatsCommands } from "./corpus_stats.ts";
import { makeStories } from "./documents.ts";
import { interruptSignal } from "./interrupt.ts";
import { print } from "./terminal.ts";

/** What `--genres` and `--difficulty` ask for; stories alone without them. */
function variety(line: CommandLine): SyntheticDocumentOptions {
  const names = line.text("genres");
  const level = line.number("difficulty");
  // Checked by the library, which names the genres that there are.
  const genres = names === "all" ? SYNTHETIC_GENRES : names?.split(",")
    .map((name) => name.trim() as SyntheticGenre);
  return {
    ...(genres && { genres }),
    ...(level !== undefined &&
      { difficulty: level as SyntheticDifficulty }),
  };
}

/** Documents, with a turn of the event loop now and then to hear Ctrl-C. */
async function* storiesOf(
  line: CommandLine,
  signal: AbortSignal,
): AsyncGenerator<SyntheticStory, void> {
  const stories = makeStories({
    seed: line.needNumber("seed"),
    bytes: line.needNumber("bytes"),
    split: line.has("held-out") ? "heldOut" : "train",
    ...variety(line),
  });
  for (const story of stories) {
    if (story.index % 64 === 0) {
      await nextTurn();
      signal.throwIfAborted();
    }
    yield story;
  }
}

/** All stories in one file, a blank line between two. */
async function writeOneFile(path: string, line: CommandLine): Promise<number> {
  const signal = interruptSignal(); // before there is a file to leave behind
  const encoder = new TextEncoder();
  let count = 0;
  await writeFileAtomic(path, async (file) => {
    for await (const { text } of storiesOf(line, signal)) {
      const gap = count++ === 0 ? "" : "\n";
      await writeAll(file, encoder.encode(`${gap}${text}\n`));
    }
  });
  return count;
}

/** A file for each story, in a folder that is whole or absent. */
async function writeFolder(folder: string, line: CommandLine): Promise<number> {
  const signal = interruptSignal();
  if (await exists(folder)) {
    throw new ConfigError(
      `Cannot write stories to ${folder}: it is there already; ` +
        "choose a new folder",
    );
  }
  return await writeFolderAtomic(folder, async (partial) => {
    let count = 0;
    for await (const { index, genre, text } of storiesOf(line, signal)) {
      const name = `${genre}_${String(index).padStart(7, "0")}.txt`;
      await Deno.writeTextFile(join(partial, name), `${text}\n`);
      count++;
    }
    return count;
  });
}

async function runSynthetic(line: CommandLine): Promise<void> {
  const file = line.text("out");
  const folder = line.text("folder");
  if ((file === undefined) === (folder === undefined)) {
    throw new ConfigError(
      "Cannot write stories: give either --out FILE, for one text, or " +
        "--folder FOLDER, for a file each",
    );
  }
  const count = file === undefined
    ? await writeFolder(folder!, line)
    : await writeOneFile(file, line);
  const isPlain = !line.has("genres") && !line.has("difficulty");
  const noun = isPlain ? "stories" : "documents";
  print(`${count} ${noun} in ${file ?? folder}`);
}

/** The commands that begin with "corpus". */
export const corpusCommands: readonly Command[] = [
  {
    name: "corpus synthetic",
    summary: "Write synthetic Portuguese stories and other genres, without end",
    operands: [],
    options: {
      bytes: {
        kind: "bytes",
        help: "text to make, in bytes of UTF-8",
        range: [1, Infinity],
        default: "2MB",
      },
      seed: {
        kind: "count",
        help: "seed of the stories",
        range: [0, 2 ** 32 - 1],
        default: "0",
      },
      genres: {
        kind: "text",
        value: "NAMES",
        help: `stories alone without it; "all", or some of ${
          SYNTHETIC_GENRES.join(",")
        }`,
      },
      difficulty: {
        kind: "count",
        help: "1 short, 2 usual, 3 long; without --genres, of all of them",
        range: [1, 3],
      },
      "held-out": {
        kind: "switch",
        help: "the stream that never meets the training stories",
      },
      out: {
        kind: "text",
        value: "FILE",
        help: "all stories in one text, a blank line between two",
      },
      folder: {
        kind: "text",
        value: "FOLDER",
        help: "or a file for each story, in a new folder",
      },
    },
    example: "corpus synthetic --bytes 2MB --folder corpora/stories",
    run: runSynthetic,
  },
  ...corpusStatsCommands,
  corpusCleanCommand,
  corpusPackCommand,
  corpusDebianCommand,
];
