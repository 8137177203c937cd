/**
 * Where in a cell something went wrong. The kernel runs transpiled code, so its
 * line numbers are those of other lines, and about a syntax error it says
 * nothing; `deno transpile` knows both, by its source map and its message.
 *
 * @module
 */
import { join } from "node:path";

/** Letters of a source map's numbers, each worth 6 bits. */
const DIGITS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A place in a cell with what is wrong there. */
export interface SourceProblem {
  /** Line of the cell, from 1. */
  readonly line: number;
  readonly message: string;
}

interface Transpiled {
  /** Field "mappings" of the source map; undefined after a syntax error. */
  readonly mappings: string | undefined;
  readonly stderr: string;
}

async function transpile(source: string): Promise<Transpiled> {
  const folder = await Deno.makeTempDir({ prefix: "caderno-cell-" });
  try {
    const file = join(folder, "cell.ts");
    await Deno.writeTextFile(file, source);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["transpile", "-q", "--no-config", "--source-map", "separate"]
        .concat("--outdir", folder, file),
      cwd: folder, // it refuses files outside of where it runs
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    const map = success
      ? JSON.parse(await Deno.readTextFile(join(folder, "cell.js.map")))
      : undefined;
    return {
      mappings: map?.mappings,
      stderr: new TextDecoder().decode(stderr),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Numbers of one segment of a source map (base 64, variable length). */
function decodeSegment(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0, shift = 0;
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue; // more digits follow
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return numbers;
}

/** Line of the source for each line of the output, both from 0. */
function sourceLines(mappings: string): (number | undefined)[] {
  let line = 0; // fields are differences from segment to segment
  return mappings.split(";").map((segments) => {
    let first: number | undefined;
    for (const segment of segments.split(",")) {
      const [, , step] = decodeSegment(segment);
      if (step === undefined) continue;
      line += step;
      first ??= line;
    }
    return first;
  });
}

/**
 * The kernel turns each import into one line of code, while `deno transpile`
 * drops it when nothing uses it: a statement of one line takes its place.
 */
function replaceImports(source: string): string {
  return source.replace(
    /^[ \t]*import\s+(?!type\b)(?:[^"';]*?\bfrom\s*)?(["'])[^"'\n]*\1;?/gm,
    (statement) => "void 0;" + "\n".repeat(statement.split("\n").length - 1),
  );
}

/** The syntax error of a cell, or undefined when it has none. */
export async function findSyntaxError(
  source: string,
): Promise<SourceProblem | undefined> {
  const { mappings, stderr } = await transpile(source);
  if (mappings !== undefined) return undefined;
  const [, message] = /error: (.*)/.exec(stderr) ?? [];
  const [, line] = /cell\.ts:(\d+):\d+/.exec(stderr) ?? [];
  return { line: Number(line ?? 1), message: message ?? stderr.trim() };
}

/**
 * The line of a cell in which an error rose, from 1: that of the outermost
 * frame of its traceback, when this is code of the cell itself.
 */
export async function findErrorLine(
  source: string,
  traceback: readonly string[],
): Promise<number | undefined> {
  const frame = traceback.findLast((line) =>
    /^\s*at (?:async )?<anonymous>:\d+:\d+$/.test(line)
  );
  const line = Number(/:(\d+):\d+$/.exec(frame ?? "")?.[1]);
  if (Number.isNaN(line)) return undefined;
  const { mappings } = await transpile(replaceImports(source));
  const found = sourceLines(mappings ?? "")[line - 1];
  return found === undefined ? undefined : found + 1;
}
