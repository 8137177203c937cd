/**
 * `caderno corpus debian`: real Portuguese text from Debian packages by one
 * command, with its licences.
 *
 * @module
 */
import { join } from "node:path";
import {
  ConfigError,
  CorpusCleaner,
  type CorpusDocument,
  DEBIAN_PACKAGES,
  DebianCorpus,
  debianFilters,
  type DebianPackage,
  downloadDebianPackages,
  formatBytes,
  formatTable,
  Progress,
  utf8Length,
  writeCorpusFolder,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { printFunnel } from "./corpus_clean.ts";
import { commandText } from "./corpus_options.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print, StatusLine } from "./terminal.ts";

function wantedPackages(line: CommandLine): readonly DebianPackage[] {
  const only = line.text("only");
  if (only === undefined) return DEBIAN_PACKAGES;
  return only.split(",").map((name) => {
    const row = DEBIAN_PACKAGES.find((p) => p.name === name.trim());
    if (row) return row;
    throw new ConfigError(
      `Cannot read the package "${name}": there are ` +
        DEBIAN_PACKAGES.map((p) => p.name).join(", "),
    );
  });
}

async function download(
  packages: readonly DebianPackage[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  using line = new StatusLine(
    new Progress("Download", { total: packages.length, unit: "packages" }),
  );
  let done = 0;
  const missing = await downloadDebianPackages(packages, folder, {
    signal,
    onPackage: (name) => line.update(done++, name),
  });
  for (const { name, reason } of missing) {
    note(`${name} is left out: ${reason}`);
  }
}

/** Texts of the packages, with progress and the bytes of each. */
async function* readPackages(
  corpus: DebianCorpus,
  raw: Map<string, number>,
): AsyncGenerator<CorpusDocument> {
  using line = new StatusLine(new Progress("Read", { unit: "bytes" }));
  for await (const document of corpus) {
    const bytes = utf8Length(document.text);
    raw.set(document.source, (raw.get(document.source) ?? 0) + bytes);
    yield document;
    line.update(line.progress.done + bytes, document.source);
  }
}

async function makeCorpus(
  line: CommandLine,
  packages: readonly DebianPackage[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const out = line.needText("out");
  const corpus = new DebianCorpus(packages, folder, { signal });
  const cleaner = new CorpusCleaner(
    line.has("raw") ? [] : await debianFilters(),
  );
  const raw = new Map<string, number>();
  const documents = cleaner.clean(readPackages(corpus, raw));
  const { sources } = await writeCorpusFolder(out, documents, {
    command: commandText(line),
    funnel: () => cleaner.funnel,
    signal,
    files: () =>
      Object.fromEntries(
        Object.entries(corpus.copyrights)
          .map(([name, text]) => [join("copyright", name), text]),
      ),
  });
  if (!line.has("raw")) printFunnel(cleaner.funnel, false);
  const count = (n: number) => n.toLocaleString("en");
  print();
  print(formatTable([
    ["package", "documents", "text read", "text kept", "licence"],
    ...sources.map(({ name, documents, bytes, licence }) => [
      name,
      count(documents),
      formatBytes(raw.get(name)!),
      formatBytes(bytes),
      licence ?? "",
    ]),
  ]));
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  print(
    `\n${formatBytes(total)} of text in ${out}, texts of the licences in ` +
      join(out, "copyright"),
  );
}

async function runDebian(line: CommandLine): Promise<void> {
  line.needText("out");
  const packages = wantedPackages(line);
  const signal = interruptSignal();
  const given = line.text("packages");
  if (given !== undefined) {
    return await makeCorpus(line, packages, given, signal);
  }
  const folder = await Deno.makeTempDir({ prefix: "caderno_debian_" });
  try {
    await download(packages, folder, signal);
    await makeCorpus(line, packages, folder, signal);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The command "corpus debian". */
export const corpusDebianCommand: Command = {
  name: "corpus debian",
  summary: "Make a corpus of real Portuguese text from Debian packages",
  operands: [],
  options: {
    out: {
      kind: "text",
      value: "FOLDER",
      help: "new folder for about 8 MB of text and its licences",
    },
    only: {
      kind: "text",
      value: "LIST",
      help: "names of packages, in place of all eleven (some 130 MB)",
    },
    packages: {
      kind: "text",
      value: "FOLDER",
      help: "folder with .deb files that are there already",
    },
    raw: { kind: "switch", help: "keeps all text, without cleaning" },
  },
  example: "corpus debian --out corpora/debian",
  run: runDebian,
};
