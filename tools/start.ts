/**
 * `deno task start`: runs the notebooks from top to bottom through the real
 * kernel, without Jupyter, and writes them with their outputs and one page
 * that shows them all.
 *
 * @module
 */
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDevice } from "../lib/device/mod.ts";
import "../lib/kernels/mod.ts";
import {
  ConfigError,
  DeviceError,
  exists,
  formatDuration,
  InterruptedError,
  messageOf,
  Progress,
  walkFiles,
} from "../lib/util/mod.ts";
import { type GalleryEntry, writeGallery } from "./notebooks/gallery.ts";
import {
  codeCells,
  type Notebook,
  readNotebook,
  writeNotebook,
} from "./notebooks/notebook_file.ts";
import {
  type CellProgress,
  formatFailure,
  runNotebook,
} from "./notebooks/runner.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const HELP = `Run the notebooks and write the gallery.

  deno task start [names…] [options]

Names are those of notebooks or how they begin: "01", "03_attention". Without
one all run, but for those that take long: name them, or say --all.

  --all              the long ones too
  --toy              small parameters: seconds instead of minutes
  --only <name>      the same as a name; can be repeated
  --commit           put the outputs into notebooks/ too, for git
  --notebooks <dir>  folder of the notebooks (notebooks)
  --out <dir>        folder for what comes out (gallery)
  --help             this text`;

/** Where the command writes: a terminal, or a test. */
export interface StartOutput {
  /** Prints a line that stays. */
  readonly print: (line: string) => void;
  /** Shows a line until the next one comes. */
  readonly status: (line: string) => void;
}

interface StartOptions {
  readonly names: readonly string[];
  readonly isAll: boolean;
  readonly isToy: boolean;
  readonly isCommit: boolean;
  readonly folder: string;
  readonly out: string;
}

interface Job {
  readonly path: string;
  readonly notebook: Notebook;
  readonly numCells: number;
}

/** Options of a command line, or undefined when it asks for help. */
function parseOptions(args: readonly string[]): StartOptions | undefined {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: "boolean", default: false },
        toy: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        commit: { type: "boolean", default: false },
        notebooks: { type: "string", default: join(ROOT, "notebooks") },
        out: { type: "string", default: join(ROOT, "gallery") },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ConfigError(messageOf(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  if (values.toy && values.commit) {
    throw new ConfigError(
      "Cannot commit toy outputs: give --toy or --commit, not both",
    );
  }
  return {
    names: [...positionals, ...values.only],
    isAll: values.all,
    isToy: values.toy,
    isCommit: values.commit,
    folder: values.notebooks,
    out: values.out,
  };
}

/** Notebooks of the folder, those of the given names, in their order. */
async function findJobs(
  { folder, names }: Pick<StartOptions, "folder" | "names">,
): Promise<Job[]> {
  if (!await exists(folder)) {
    throw new ConfigError(
      `Cannot find notebooks: there is no folder ${folder}`,
    );
  }
  const files = (await Array.fromAsync(walkFiles(folder))).filter((file) =>
    file.endsWith(".ipynb") && !file.includes(".ipynb_checkpoints")
  );
  const known = files.map((file) => basename(file, ".ipynb"));
  const wanted = names.map((name) => basename(name, ".ipynb"));
  const missing = wanted.find((name) => !known.some((n) => n.startsWith(name)));
  if (missing !== undefined || files.length === 0) {
    throw new ConfigError(
      `Cannot find the notebook "${missing ?? "*"}" in ${folder}: ` +
        `there ${known.length === 1 ? "is" : "are"} ${
          known.join(", ") || "none"
        }`,
    );
  }
  const chosen = files.filter((_, i) =>
    wanted.length === 0 || wanted.some((name) => known[i]!.startsWith(name))
  );
  return await Promise.all(chosen.map(async (path) => {
    const notebook = await readNotebook(path);
    return { path, notebook, numCells: codeCells(notebook).length };
  }));
}

/** Runs one notebook; an error becomes part of its entry. */
async function runJob(
  { path, notebook }: Job,
  { isToy, isCommit, out }: StartOptions,
  onCell: (progress: CellProgress) => void,
  signal: AbortSignal,
): Promise<GalleryEntry> {
  const name = basename(path);
  try {
    const run = await runNotebook(path, {
      parameters: isToy ? notebook.metadata.caderno?.toy ?? {} : {},
      keepParameters: isToy,
      out: join(out, name),
      onCell,
      signal,
    });
    if (isCommit && !run.failure) await writeNotebook(path, run.notebook);
    return {
      path,
      notebook: run.notebook,
      seconds: run.seconds,
      ...(run.failure ? { failure: formatFailure(run.failure) } : {}),
    };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return { path, notebook, failure: messageOf(error) };
  }
}

/**
 * Says where tensors will live. Opening the device here also compiles the CPU's
 * kernels where that was not done before, instead of in the first cell.
 */
async function announceDevice(
  { print, status }: StartOutput,
): Promise<void> {
  status("Opening the device …");
  using device = await openDevice();
  print(`Device: ${device.description}\n`);
}

function announce(jobs: readonly Job[], { print }: StartOutput): void {
  const count = jobs.length === 1 ? "1 notebook" : `${jobs.length} notebooks`;
  print(
    `Running ${count} from top to bottom, each in a fresh kernel; the first ` +
      "run of all fetches npm packages.\nThis takes seconds with --toy, else " +
      "up to some minutes a notebook. Ctrl-C stops it.",
  );
}

/** Says which notebooks are left out, and how to run them. */
function announceLong(left: readonly Job[], { print }: StartOutput): void {
  if (left.length === 0) return;
  const names = left.map(({ path }) => basename(path, ".ipynb"));
  print(
    `Left out, to be done in four minutes: ${names.join(", ")}.\n` +
      `To run one: deno task start ${names[0]!.split("_")[0]}`,
  );
}

/** "✓ 01_a.ipynb  8 cells in 2.1 s" or "✗ 01_a.ipynb, cell 3, line 2: …". */
function resultLine({ path, numCells }: Job, entry: GalleryEntry): string {
  const name = basename(path);
  return entry.failure === undefined
    ? `✓ ${name}  ${numCells} cells in ${formatDuration(entry.seconds ?? 0)}`
    : `✗ ${name}, ${entry.failure}`;
}

async function runJobs(
  jobs: readonly Job[],
  options: StartOptions,
  output: StartOutput,
  signal: AbortSignal,
): Promise<GalleryEntry[]> {
  const total = jobs.reduce((sum, { numCells }) => sum + numCells, 0);
  const progress = new Progress("All", { total, unit: "cells" });
  const entries: GalleryEntry[] = [];
  let numBefore = 0;
  for (const job of jobs) {
    const clock = new Progress(basename(job.path));
    let cell = 1;
    const show = (): void =>
      output.status(
        `${clock.label}  cell ${cell} of ${job.numCells}  ` +
          `${formatDuration(clock.seconds)}  |  ${progress}`,
      );
    const ticker = setInterval(show, 1000); // a long cell must not look dead
    try {
      const entry = await runJob(job, options, (at) => {
        cell = at.cell;
        progress.update(numBefore + (at.isDone ? cell : cell - 1));
        show();
      }, signal);
      entries.push(entry);
      output.print(resultLine(job, entry));
    } finally {
      clearInterval(ticker);
    }
    numBefore += job.numCells;
    progress.update(numBefore);
  }
  return entries;
}

/** How to open a file with what the system has for it. */
function openCommand(): string {
  if (Deno.build.os === "darwin") return "open";
  return Deno.build.os === "windows" ? "start" : "xdg-open";
}

/**
 * The command.
 *
 * @returns exit code: 0 when every notebook came to its end, else 1
 * @throws {ConfigError} when the command line is wrong
 * @throws {InterruptedError} when the signal is aborted
 */
export async function start(
  args: readonly string[],
  output: StartOutput,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const options = parseOptions(args);
  if (!options) {
    output.print(HELP);
    return 0;
  }
  const found = await findJobs(options);
  const isLong = ({ notebook }: Job) => notebook.metadata.caderno?.isLong;
  const runsLong = options.isAll || options.isToy || options.names.length > 0;
  const jobs = found.filter((job) => runsLong || !isLong(job));
  announce(jobs, output);
  announceLong(found.filter((job) => !jobs.includes(job)), output);
  await announceDevice(output);
  const entries = await runJobs(jobs, options, output, signal);
  const page = join(options.out, "index.html");
  await writeGallery(page, entries);
  const shown = relative(Deno.cwd(), page);
  output.print(
    `\nGallery:    ${shown}   (in a browser: ${openCommand()} ${shown})\n` +
      `Notebooks:  ${relative(Deno.cwd(), options.out)}/*.ipynb\n` +
      "To change and run them yourself: deno task lab",
  );
  const numFailed = entries.filter(({ failure }) => failure !== undefined)
    .length;
  if (numFailed === 0) return 0;
  output.print(`${numFailed} of ${entries.length} notebooks failed`);
  return 1;
}

/** Lines on stdout; the passing one only where somebody can see it move. */
function terminalOutput(): StartOutput {
  const isTerminal = Deno.stdout.isTerminal();
  const write = (text: string): void => {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  };
  return {
    print: (line) => write(`${isTerminal ? "\r\x1b[K" : ""}${line}\n`),
    status: (line) => {
      if (isTerminal) write(`\r${line}\x1b[K`);
    },
  };
}

if (import.meta.main) {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  try {
    Deno.exit(await start(Deno.args, terminalOutput(), stop.signal));
  } catch (error) {
    const isExpected = error instanceof ConfigError ||
      error instanceof DeviceError || error instanceof InterruptedError;
    console.error(isExpected ? `\n${messageOf(error)}` : error);
    Deno.exit(error instanceof InterruptedError ? 130 : 1);
  }
}
