/**
 * Which files of a folder are a corpus: plain folders of texts, and data sets
 * of Hugging Face as they are downloaded (with `data/train-00000-of-…` and a
 * card, or as the cache keeps them, with links to blobs).
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { DataError, exists } from "../../util/mod.ts";

/** A file of a corpus. */
export interface CorpusFile {
  readonly path: string;
  /** Path below the folder, with "/". */
  readonly name: string;
}

/** A folder or file as a corpus. */
export interface CorpusDataSet {
  /** "org/name" in the cache of Hugging Face, else the folder's own name. */
  readonly name: string;
  /** What its card says. */
  readonly licence: string | undefined;
  /** In the order of their paths. */
  readonly files: readonly CorpusFile[];
}

/** Suffixes that are read, packed or not. */
const DATA_SUFFIXES =
  /\.(txt|md|html?|xhtml|xml|jsonl|ndjson|parquet)(\.gz|\.zst)?$/i;

/** Splits that files of data sets are named after. */
const SPLITS = ["train", "validation", "valid", "dev", "test"];

/**
 * Finds the files of a corpus. A file that is named itself is one whatever its
 * suffix; in a folder the suffix decides. Names that begin with "." and the card
 * of a data set are passed over; links to files are followed.
 *
 * @param options.split keeps files of this split: "train" keeps
 * `data/train-00000-of-00002.parquet`
 * @throws {DataError} when there is nothing at `path`, or no such file in it
 */
export async function findCorpusFiles(
  path: string,
  { split }: { split?: string | undefined } = {},
): Promise<CorpusDataSet> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) {
    throw new DataError(
      `Cannot read texts of ${path}: there is no such folder or file`,
    );
  }
  if (info.isFile) {
    const name = basename(path);
    return { name, licence: undefined, files: [{ path, name }] };
  }
  const folder = await snapshotOf(path);
  const card = await readCard(folder);
  const all = await Array.fromAsync(dataFiles(folder, ""));
  const files = all.filter(({ name }) =>
    !(card && name === "README.md") &&
    (split === undefined || splitOf(name) === split)
  );
  if (files.length > 0) {
    return { name: nameOf(path), licence: licenceIn(card), files };
  }
  const splits = [...new Set(all.flatMap(({ name }) => splitOf(name) ?? []))];
  throw new DataError(
    split !== undefined && all.length > 0
      ? `Cannot read the split "${split}" of ${path}: its files name ` +
        (splits.length > 0 ? splits.join(", ") : "no split")
      : `Cannot read texts of ${path}: it holds none; wanted .txt, .md, ` +
        ".html, .jsonl or .parquet files" + await arrowHint(folder),
  );
}

async function arrowHint(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".arrow") || name === "dataset_dict.json") {
      return "; Arrow files of save_to_disk are not read: export the data set " +
        "with to_parquet or to_json";
    }
  }
  return "";
}

/** In the cache: the revision of main, else the last one by name. */
async function snapshotOf(folder: string): Promise<string> {
  const snapshots = join(folder, "snapshots");
  if (!await exists(snapshots)) return folder;
  const main = await Deno.readTextFile(join(folder, "refs", "main"))
    .catch(() => undefined);
  const entries = await Array.fromAsync(Deno.readDir(snapshots));
  const revisions = entries.map(({ name }) => name).sort();
  const wanted = main?.trim();
  const revision = revisions.find((name) => name === wanted) ??
    revisions.at(-1);
  return revision === undefined ? folder : join(snapshots, revision);
}

function nameOf(path: string): string {
  const own = basename(resolve(path));
  return /^datasets--/.test(own) ? own.split("--").slice(1).join("/") : own;
}

/** The card of a data set: a README that opens with a block of YAML. */
async function readCard(folder: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(join(folder, "README.md"))
    .catch(() => undefined);
  return text?.startsWith("---\n") ? text : undefined;
}

/** `license: mit` or a list of them. */
function licenceIn(card: string | undefined): string | undefined {
  const head = card?.slice(4).split(/^---\s*$/m)[0] ?? "";
  const value = /^licen[cs]e:[ \t]*(\S.*)?\n((?:[ \t]*- .*\n)*)/m
    .exec(`${head}\n`);
  if (!value) return undefined;
  const [, single, list = ""] = value;
  const items = [...list.matchAll(/- (.*)/g)].map(([, item]) => item!);
  const plain = (text: string) => text.trim().replace(/^["']|["']$/g, "");
  return single ? plain(single) : items.map(plain).join(", ") || undefined;
}

function splitOf(name: string): string | undefined {
  return SPLITS.find((split) =>
    new RegExp(`(^|[/_.-])${split}([/_.-]|$)`).test(name)
  );
}

/** Files below a folder in the order of their paths, links to files followed. */
async function* dataFiles(
  folder: string,
  prefix: string,
): AsyncGenerator<CorpusFile> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { name, isDirectory, isSymlink } of entries) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    if (isDirectory) yield* dataFiles(path, `${prefix}${name}/`);
    else if (DATA_SUFFIXES.test(name)) {
      const isFile = !isSymlink ||
        (await Deno.stat(path).catch(() => undefined))?.isFile;
      if (isFile) yield { path, name: prefix + name };
    }
  }
}
