/**
 * Real Portuguese text from Debian packages: downloaded by apt-get without
 * being root, unpacked by dpkg-deb, read file by file. The packages are some
 * 130 MB, the text in them about 8 MB.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import {
  DataError,
  FormatError,
  messageOf,
  walkFiles,
} from "../../../util/mod.ts";
import type { CorpusDocument } from "../document.ts";
import {
  exactDuplicates,
  nearDuplicates,
  repeatedLines,
} from "../duplicate_filters.ts";
import type { CorpusFilter } from "../filter.ts";
import { languageFilter } from "../language_filter.ts";
import type { DebianPackage } from "./debian_packages.ts";
import { packageTexts } from "./package_texts.ts";

/** A program that ran. */
interface Finished {
  readonly success: boolean;
  /** Last line of what it complained about. */
  readonly complaint: string;
}

/** Runs a program of Debian, or says what to do where it is not there. */
async function runTool(
  name: string,
  args: readonly string[],
  { cwd, signal }: { cwd: string; signal?: AbortSignal | undefined },
): Promise<Finished> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(name, {
      args: [...args],
      cwd,
      env: { LC_ALL: "C" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      ...(signal ? { signal } : {}),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataError(
      `Cannot use Debian packages: there is no ${name} on this machine. On ` +
        "Debian or Ubuntu it comes with apt and dpkg; elsewhere run this " +
        "command there, or in a container of debian:12, and copy the folder " +
        "that it writes",
    );
  }
  const lines = new TextDecoder().decode(output.stderr).trim().split("\n");
  return { success: output.success, complaint: lines.at(-1) ?? "" };
}

/** A package that could not be had. */
export interface MissingDebianPackage {
  readonly name: string;
  readonly reason: string;
}

/** Settings of {@linkcode downloadDebianPackages}. */
export interface DebianDownloadOptions {
  /** Hears of each package before it is downloaded. */
  readonly onPackage?: (name: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads packages into a folder with `apt-get download`, which needs no
 * root. One that the machine's release does not have is passed over.
 *
 * @returns the packages that were not had
 * @throws {DataError} when there is no apt-get, or no package was had
 */
export async function downloadDebianPackages(
  packages: readonly DebianPackage[],
  folder: string,
  { onPackage, signal }: DebianDownloadOptions = {},
): Promise<MissingDebianPackage[]> {
  await Deno.mkdir(folder, { recursive: true });
  const missing: MissingDebianPackage[] = [];
  for (const { name } of packages) {
    onPackage?.(name);
    const { success, complaint } = await runTool(
      "apt-get",
      ["download", "-q", name],
      { cwd: folder, signal },
    );
    signal?.throwIfAborted();
    if (!success) missing.push({ name, reason: complaint });
  }
  if (missing.length < packages.length) return missing;
  throw new DataError(
    "Cannot download any of the packages; the last complaint of apt-get: " +
      `${missing.at(-1)?.reason}. Is the machine online, and has it run ` +
      '"apt-get update"?',
  );
}

/** A package file in a folder. */
interface PackageFile {
  readonly row: DebianPackage;
  readonly path: string;
}

async function packageFiles(
  packages: readonly DebianPackage[],
  folder: string,
): Promise<PackageFile[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  names.sort();
  return packages.flatMap((row) => {
    const name = names.findLast((n) =>
      n.startsWith(`${row.name}_`) && n.endsWith(".deb")
    );
    return name === undefined ? [] : [{ row, path: resolve(folder, name) }];
  });
}

/** Texts of Debian packages, read from `.deb` files. */
export class DebianCorpus implements AsyncIterable<CorpusDocument> {
  readonly #packages: readonly DebianPackage[];
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  /** Copyright files by package, of those that were read. */
  readonly copyrights: Record<string, string> = {};

  /**
   * @param packages what to read
   * @param folder where their `.deb` files lie
   */
  constructor(
    packages: readonly DebianPackage[],
    folder: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ) {
    this.#packages = packages;
    this.#folder = folder;
    this.#signal = signal;
  }

  /**
   * Each package is unpacked, read and removed before the next one.
   *
   * @throws {DataError} when none of the packages is in the folder, or there
   * is no dpkg-deb
   * @throws {FormatError} when a package or a file in it is damaged
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<CorpusDocument> {
    const files = await packageFiles(this.#packages, this.#folder);
    if (files.length === 0) {
      throw new DataError(
        `Cannot read packages in ${this.#folder}: it holds none of ` +
          this.#packages.map(({ name }) => `${name}_*.deb`).join(", "),
      );
    }
    for (const file of files) {
      const unpacked = await Deno.makeTempDir({ prefix: "caderno_debian_" });
      try {
        await this.#unpack(file, unpacked);
        yield* this.#read(file, unpacked);
      } finally {
        await Deno.remove(unpacked, { recursive: true });
      }
    }
  }

  async #unpack({ row, path }: PackageFile, unpacked: string): Promise<void> {
    const { success, complaint } = await runTool(
      "dpkg-deb",
      ["-x", path, unpacked],
      { cwd: unpacked, signal: this.#signal },
    );
    this.#signal?.throwIfAborted();
    if (!success) {
      throw new FormatError(`Cannot unpack ${path}: ${complaint}`);
    }
    const copyright = join(unpacked, "usr/share/doc", row.name, "copyright");
    const text = await Deno.readTextFile(copyright).catch(() => undefined);
    this.copyrights[row.name] = text ?? `Licence: ${row.licence}\n`;
  }

  async *#read(
    { row }: PackageFile,
    unpacked: string,
  ): AsyncGenerator<CorpusDocument> {
    for await (const path of walkFiles(unpacked)) {
      const inside = `/${relative(unpacked, path).replaceAll("\\", "/")}`;
      if (!row.paths.test(inside)) continue;
      const bytes = await Deno.readFile(path);
      let texts;
      try {
        texts = packageTexts(row, inside, bytes);
      } catch (error) {
        throw new FormatError(
          `Cannot read ${inside} of ${row.name}: ${messageOf(error)}`,
        );
      }
      for (const [i, text] of texts.entries()) {
        yield {
          name: row.name + inside + (texts.length > 1 ? `:${i + 1}` : ""),
          text,
          source: row.name,
          licence: row.licence,
        };
      }
    }
  }
}

/**
 * What such pages need: captions and menus out (lines under 25 characters, and
 * those that stood before), paragraphs that were never translated, pages that
 * say the same as another. Gopher's rules are not among them: a page of help is
 * often shorter than 50 words.
 */
export async function debianFilters(): Promise<CorpusFilter[]> {
  return [
    repeatedLines({ minCharacters: 25 }),
    await languageFilter(["pt"], { unit: "paragraph" }),
    exactDuplicates(),
    nearDuplicates(),
  ];
}
