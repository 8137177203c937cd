/**
 * The help texts, made from the records of the commands.
 *
 * @module
 */
import {
  type Command,
  describeRange,
  type OptionSpec,
  optionUsage,
} from "./command.ts";

/** How the command line is called. */
export const PROGRAM = "deno task caderno";

const WIDTH = 80;
/** Column where the explanations begin. */
const INDENT = 28;

/** Breaks a text into lines of at most `width` letters, between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns: what to type, what it does. */
function row(left: string, right: string): string {
  const [first = "", ...rest] = wrap(right, WIDTH - INDENT);
  const lines = rest.map((line) => " ".repeat(INDENT) + line);
  const head = `  ${left}`;
  return head.length + 2 <= INDENT
    ? [head.padEnd(INDENT) + first, ...lines].join("\n")
    : [head, " ".repeat(INDENT) + first, ...lines].join("\n");
}

function optionRow([name, spec]: readonly [string, OptionSpec]): string {
  const facts = [
    spec.range ? describeRange(spec.range) : "",
    spec.default === undefined ? "" : `default ${spec.default}`,
  ].filter((fact) => fact !== "");
  const help = facts.length > 0
    ? `${spec.help} (${facts.join("; ")})`
    : spec.help;
  const head = spec.heading ? `\n${spec.heading}\n` : "";
  return head + row(optionUsage(name, spec), help);
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options);
  const usage = [PROGRAM, command.name, ...command.operands].join(" ");
  return [
    command.summary,
    "",
    `  ${usage}${options.length > 0 ? " [options]" : ""}`,
    ...(options[0]?.[1].heading ? [] : [""]), // a heading brings its own
    ...options.map(optionRow),
    row("--help", "this text"),
    "",
    "Example:",
    "",
    `  ${PROGRAM} ${command.example}`,
  ].join("\n");
}

/** Commands that are about the same. */
export interface CommandSection {
  readonly title: string;
  readonly commands: readonly Command[];
}

const commandRow = ({ name, summary }: Command) => row(name, summary);

/** The help of commands whose names begin with the same word. */
export function groupHelp(commands: readonly Command[]): string {
  return [
    `  ${PROGRAM} COMMAND [operands] [options]`,
    "",
    ...commands.map(commandRow),
    "",
    row("COMMAND --help", "options of a command, with an example"),
  ].join("\n");
}

/** The help of the whole. */
export function overviewHelp(sections: readonly CommandSection[]): string {
  return [
    "Caderno: train, ask, measure and account for small language models.",
    "",
    `  ${PROGRAM} COMMAND [operands] [options]`,
    ...sections.flatMap(({ title, commands }) => [
      `\n${title}\n`,
      ...commands.map(commandRow),
    ]),
    "",
    "From texts of your language to a model, step by step:",
    "docs/your_language.md",
    "",
    row("COMMAND --help", "options of a command, with an example"),
    row("--version", "version of Caderno and of Deno"),
    "",
    "Environment",
    "",
    row("CADERNO_DEVICE", "webgpu or cpu, in place of the better one"),
    row("CADERNO_WEBGPU", "dawn or deno: whose WebGPU"),
    row("CADERNO_THREADS", "threads of the CPU device"),
    row("CADERNO_BLAS", "a BLAS library for the CPU device, or off"),
    row("CADERNO_TUNE=off", "GPU kernels by rule, none measured first"),
    row("CADERNO_DEBUG=1", "shows where an error comes from"),
    row(
      "DENO_V8_FLAGS",
      "--experimental-wasm-revectorize: a tenth faster without a BLAS",
    ),
  ].join("\n");
}
