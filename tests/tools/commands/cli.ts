/**
 * The command line as a process, as a person calls it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { walkFiles } from "../../../lib/util/mod.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What a command left behind. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What Deno is called with to run a command. */
export function cliArgs(args: readonly string[]): string[] {
  return [
    ...["run", "-A", "--no-check", "--config", join(root, "deno.json")],
    join(root, "tools/caderno.ts"),
    ...args,
  ];
}

/** Starts a command on the CPU device, whose results are equal everywhere. */
export function startCli(
  args: readonly string[],
  { cwd, env = {} }: CliOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: cliArgs(args),
    ...(cwd === undefined ? {} : { cwd }),
    env: { CADERNO_DEVICE: "cpu", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for something a running command does, or for its end. */
export async function until(
  child: Deno.ChildProcess,
  isSo: () => Promise<boolean>,
): Promise<void> {
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  while (!hasEnded && !await isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits for a command to end. */
export async function finishCli(child: Deno.ChildProcess): Promise<CliResult> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a command to its end. */
export function cli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return finishCli(startCli(args, options));
}

/** Runs a command that must succeed, and gives what it printed. */
export async function output(
  args: readonly string[],
  options: CliOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await cli(args, options);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Runs a command that must fail with one line that matches. */
export async function refused(
  args: readonly string[],
  pattern: RegExp,
  options: CliOptions = {},
): Promise<void> {
  const { code, stderr } = await cli(args, options);
  const name = args.join(" ");
  assert.equal(code, 1, `${name}: ${stderr}`);
  const errors = stderr.split("\n").filter((line) =>
    line.startsWith("error: ")
  );
  assert.equal(errors.length, 1, `${name}: ${stderr}`);
  assert.match(errors[0]!, pattern, name);
  assert.equal(stderr.trimEnd().split("\n").at(-1), errors[0], name);
  assert.doesNotMatch(stderr, /^\s+at /m, name);
}

/** Paths below a folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const paths = await Array.fromAsync(walkFiles(folder));
  return paths.map((path) => path.slice(folder.length + 1));
}
