/**
 * What a command is: a name, options with units, ranges and defaults, an
 * example, and the function behind it. Its help and the checks of what was
 * typed both come from this one record.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { ConfigError, invariant, nearNames } from "../../lib/util/mod.ts";
import {
  parseQuantity,
  QUANTITY_FORMS,
  type QuantityKind,
} from "./quantity.ts";

/** An option, `--name` or `--name VALUE`. */
export interface OptionSpec {
  /** What stands behind it; a switch has no value. */
  readonly kind: "switch" | "text" | QuantityKind;
  /** What the value is called in the help: "FOLDER". */
  readonly value?: string;
  /** What it does, with its unit. */
  readonly help: string;
  /** Smallest and largest number that make sense, both included. */
  readonly range?: readonly [min: number, max: number];
  /** What holds without the option, as one would type it. */
  readonly default?: string;
  /** Whether it may be typed more than once; for `CommandLine.texts`. */
  readonly repeats?: boolean;
  /** Title of the group of options that begins here. */
  readonly heading?: string;
}

/** A command of the command line. */
export interface Command {
  /** Words that call it: "tokenizer train". */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Operands by name; one that ends with "…" repeats, "[X]" may be absent. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What follows `deno task caderno` in the example. */
  readonly example: string;
  readonly run: (line: CommandLine) => Promise<void>;
}

/** What was typed after the name of a command. */
export class CommandLine {
  readonly command: Command;
  /** Words that are no options, in order. */
  readonly operands: readonly string[];
  /** Options that were typed; a switch has the text "". */
  readonly given: ReadonlyMap<string, string>;
  /** All values of the options that repeat. */
  readonly #repeated: ReadonlyMap<string, readonly string[]>;

  constructor(
    command: Command,
    given: ReadonlyMap<string, string>,
    operands: readonly string[] = [],
    repeated: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.command = command;
    this.given = given;
    this.operands = operands;
    this.#repeated = repeated;
  }

  /** Whether the option was typed. */
  has(name: string): boolean {
    return this.given.has(name);
  }

  /** Text of an option, typed or by default. */
  text(name: string): string | undefined {
    return this.given.get(name) ?? this.#spec(name).default;
  }

  /** All texts of an option that repeats, in order; none without it. */
  texts(name: string): readonly string[] {
    invariant(this.#spec(name).repeats, `--${name} does not repeat`);
    return this.#repeated.get(name) ?? [];
  }

  /** @throws {ConfigError} when the option is missing and has no default */
  needText(name: string): string {
    return this.text(name) ?? this.#missing(name);
  }

  /**
   * Number of an option, typed or by default.
   *
   * @throws {ConfigError} when it is no number of its kind and range
   */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const { kind, range } = this.#spec(name);
    invariant(kind !== "switch" && kind !== "text", `--${name} is no number`);
    const value = parseQuantity(text, kind);
    const [min, max] = range ?? [-Infinity, Infinity];
    if (value !== undefined && value >= min && value <= max) return value;
    throw new ConfigError(
      `Cannot use --${name} ${text}: wanted ${QUANTITY_FORMS[kind]}` +
        (range ? `, ${describeRange(range)}` : ""),
    );
  }

  /** @throws {ConfigError} also when the option is missing */
  needNumber(name: string): number {
    return this.number(name) ?? this.#missing(name);
  }

  #spec(name: string): OptionSpec {
    const spec = this.command.options[name];
    invariant(spec, `${this.command.name} has no option --${name}`);
    return spec;
  }

  #missing(name: string): never {
    throw new ConfigError(
      `Cannot run "${this.command.name}" without --${name}: ` +
        this.#spec(name).help,
    );
  }
}

/** "0 to 1", "from 1". */
export function describeRange([min, max]: readonly [number, number]): string {
  return max === Infinity ? `from ${min}` : `${min} to ${max}`;
}

/** "--vocab N", "--dry-run". */
export function optionUsage(name: string, { kind, value }: OptionSpec): string {
  if (kind === "switch") return `--${name}`;
  const usual = { text: "TEXT", count: "N", bytes: "SIZE", number: "X" };
  return `--${name} ${value ?? usual[kind]}`;
}

/**
 * Reads what was typed.
 *
 * @throws {ConfigError} for an option that there is not, one without its
 * value, one that is there twice, and too few or too many operands
 */
export function parseCommandLine(
  command: Command,
  args: readonly string[],
): CommandLine {
  const specs = new Map(Object.entries(command.options));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false, // our own messages name what there is
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      [...specs].map(([name, { kind }]) => [
        name,
        { type: kind === "switch" ? "boolean" : "string" },
      ]),
    ),
  });
  const fail = (why: string): never => {
    throw new ConfigError(`Cannot run "${command.name}": ${why}`);
  };
  const given = new Map<string, string>();
  const repeated = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const spec = specs.get(name);
    if (!spec) return fail(unknownOption(rawName, [...specs.keys()]));
    const isSwitch = spec.kind === "switch";
    if (isSwitch && value !== undefined) fail(`${rawName} takes no value`);
    // "--text --tokens 5" has forgotten the folder.
    const isForgotten = value === undefined ||
      (!inlineValue && value.startsWith("--"));
    if (!isSwitch && isForgotten) {
      fail(`${rawName} needs a value: ${optionUsage(name, spec)}`);
    }
    if (spec.repeats) {
      repeated.set(name, [...repeated.get(name) ?? [], value ?? ""]);
    } else if (given.has(name)) fail(`${rawName} is there twice`);
    given.set(name, value ?? "");
  }
  checkOperands(command, operands, fail);
  return new CommandLine(command, given, operands, repeated);
}

/** Options that fit into a line of an error. */
const MAX_NAMED_OPTIONS = 15;

function unknownOption(typed: string, names: readonly string[]): string {
  const [near] = nearNames(typed, names);
  const all = names.length > MAX_NAMED_OPTIONS
    ? "--help lists all"
    : `there are ${names.map((name) => `--${name}`).join(", ")}`;
  return `there is no option ${typed}, ` +
    (near ? `the nearest is --${near}` : all);
}

function checkOperands(
  { operands: names }: Command,
  operands: readonly string[],
  fail: (why: string) => never,
): void {
  const min = names.filter((name) => !name.startsWith("[")).length;
  const max = names.at(-1)?.includes("…") ? Infinity : names.length;
  if (operands.length >= min && operands.length <= max) return;
  const wanted = names.length === 0 ? "no operand" : names.join(" ");
  const quoted = operands.map((operand) => `"${operand}"`).join(" ");
  fail(`wanted ${wanted}, got ${quoted || "nothing"}`);
}
