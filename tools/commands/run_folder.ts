/**
 * The folder of a run: where its files lie, and what was asked for when it
 * began, so that `--resume` needs nothing but the folder.
 *
 *     run.json      this record        sessions.jsonl  how and where it ran
 *     config.json   resolved settings  prediction.json  what it would take
 *     log.jsonl     a line a step      checkpoints/ to go on from
 *     tokenizer/    its files          model/       the result
 *     tracker.json  energy account     emissions.json, emissions.csv
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import {
  ConfigError,
  DataError,
  exists,
  FormatError,
  listCheckpoints,
  loadTokenizer,
  messageOf,
  readJson,
  saveTokenizer,
  type Tokenizer,
  writeJson,
} from "../../lib/mod.ts";

/** Paths of a run's files. */
export class RunFolder {
  readonly path: string;
  readonly record: string;
  /** The record while what belongs to it is written. */
  readonly unfinishedRecord: string;
  readonly sessions: string;
  readonly log: string;
  readonly tokenizer: string;
  readonly model: string;
  readonly trackerState: string;
  readonly emissions: string;
  readonly emissionsCsv: string;

  constructor(path: string) {
    this.path = path;
    this.record = join(path, "run.json");
    this.unfinishedRecord = join(path, "run.unfinished.json");
    this.sessions = join(path, "sessions.jsonl");
    this.log = join(path, "log.jsonl");
    this.tokenizer = join(path, "tokenizer");
    this.model = join(path, "model");
    this.trackerState = join(path, "tracker.json");
    this.emissions = join(path, "emissions.json");
    this.emissionsCsv = join(path, "emissions.csv");
  }

  /** Last part of the path. */
  get name(): string {
    return basename(resolve(this.path));
  }
}

/** What a run was told when it began. */
export interface RunRecord {
  /** Name of the folder then: it may be moved, the account of energy may not. */
  readonly name: string;
  /** Options as typed; paths of texts are absolute. */
  readonly options: Readonly<Record<string, string>>;
  /** SHA-256 of training and held-out tokens, hexadecimal. */
  readonly tokensSha256: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly cadernoVersion: string;
  readonly denoVersion: string;
  /** Device that it began on. */
  readonly device: string;
}

/**
 * What is left of a run that was killed before it had begun is no hindrance.
 *
 * @throws {ConfigError} when something else lies in the folder already
 */
export async function checkFreshRun(run: RunFolder): Promise<void> {
  if (!await exists(run.path)) return;
  if (!(await Deno.stat(run.path)).isDirectory) {
    throw new ConfigError(`Cannot start a run in ${run.path}: it is a file`);
  }
  const isRun = await exists(run.record);
  const isOurs = !isRun && await exists(run.unfinishedRecord);
  const ours = [run.unfinishedRecord, run.tokenizer].map((p) => basename(p));
  for await (const { name } of Deno.readDir(run.path)) {
    if (isOurs && ours.includes(name)) continue;
    if (name.endsWith(".tmp")) continue; // of a file that was not finished
    throw new ConfigError(
      `Cannot start a run in ${run.path}: ` +
        (isRun
          ? "it holds a run; go on with --resume or choose another folder"
          : `it holds ${name}; choose a new folder`),
    );
  }
}

/**
 * Tries whether the folder of a run can be written, by a file beside or in it
 * that is gone again: better now than after hours of reading texts.
 *
 * @throws {DataError} when it cannot
 */
export async function checkWritable(run: RunFolder): Promise<void> {
  let folder = resolve(run.path);
  while (!await exists(folder)) folder = dirname(folder);
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder, suffix: ".tmp" }));
  } catch (error) {
    throw new DataError(
      `Cannot write the run to ${run.path}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Makes the folder of a run that begins. The record has its name last: a
 * folder with it can be resumed, and one without can be begun anew.
 */
export async function beginRunFolder(
  run: RunFolder,
  record: RunRecord,
  tokenizer: Tokenizer,
): Promise<void> {
  await writeJson(run.unfinishedRecord, record);
  await saveTokenizer(run.tokenizer, tokenizer);
  await Deno.rename(run.unfinishedRecord, run.record);
}

/**
 * Reads the record of a run.
 *
 * @throws {DataError} when there is none
 * @throws {FormatError} when it is damaged
 */
export async function readRunRecord(run: RunFolder): Promise<RunRecord> {
  const record = await readJson<Partial<RunRecord> | null>(
    run.record,
    "the record of a run",
  );
  const { name, options, tokensSha256 } = record ?? {};
  if (name && options && tokensSha256) return record as RunRecord;
  throw new FormatError(
    `Cannot read ${run.record}: wanted name, options and tokensSha256`,
  );
}

/**
 * The folder with the weights: the given one, or of a run its finished model,
 * else its newest checkpoint.
 *
 * @throws {DataError} when a run has neither
 */
export async function modelFolderOf(path: string): Promise<string> {
  const run = new RunFolder(path);
  if (!await exists(run.record)) return path;
  if (await exists(join(run.model, "config.json"))) return run.model;
  const newest = (await listCheckpoints(join(path, "checkpoints"))).at(-1);
  if (newest) return newest;
  throw new DataError(
    `Cannot find a model in the run ${path}: it has no checkpoint yet`,
  );
}

/** The folder with the tokenizer of a model: its own, or that of its run. */
export async function tokenizerFolderOf(model: string): Promise<string> {
  const ofRun = join(model, "..", "..", "tokenizer");
  const isOwn = await exists(join(model, "tokenizer.json"));
  return !isOwn && await exists(ofRun) ? ofRun : model;
}

/** Whether a tokenizer's files lie in a folder. */
export function holdsTokenizer(path: string): Promise<boolean> {
  return Deno.stat(join(path, "tokenizer.json"))
    .then(() => true, () => false); // also where the path is a file
}

/**
 * Opens the tokenizer of a run, of a model, or of its own files.
 *
 * @throws {DataError} when nothing is there
 * @throws {FormatError} when it is damaged
 */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  if (!await exists(path)) {
    throw new DataError(
      `Cannot open the tokenizer ${path}: there is no such file or folder; ` +
        "one of the Hugging Face Hub is downloaded first, and its folder named",
    );
  }
  const run = new RunFolder(path);
  const isFolder = (await Deno.stat(path)).isDirectory;
  if (!isFolder) return await loadTokenizer(path);
  if (await exists(run.record)) return await loadTokenizer(run.tokenizer);
  return await loadTokenizer(await tokenizerFolderOf(path));
}
