/**
 * Which options of `caderno train` go together: a table of those that mean
 * nothing beside others, and of those that stand for each other.
 *
 * @module
 */
import { ConfigError } from "../../lib/mod.ts";
import { CommandLine } from "./command.ts";

/** An option that means something only where another is, or is not. */
type Rule =
  & { readonly option: string; readonly why: string }
  & (
    /** The other option and the value that it must have. */
    | { readonly needs: readonly [option: string, value: string] }
    /** The other option, with its value if only that one is in the way. */
    | { readonly excludes: readonly [option: string, value?: string] }
  );

/** What a model that is there already has. */
const OF_MODEL = [
  ...["preset", "depth", "layers", "hidden", "intermediate", "heads"],
  ...["kv-heads", "context", "vocab", "tie-embeddings", "tokenizer"],
];

const RULES: readonly Rule[] = [
  ...OF_MODEL.map((option) => ({
    option,
    excludes: ["from"] as const,
    why: "the model that it begins with has its own",
  })),
  {
    option: "preset",
    excludes: ["depth"],
    why: "each chooses the sizes of the model",
  },
  {
    option: "layers",
    excludes: ["depth"],
    why: "the depth is the number of layers",
  },
  {
    option: "vocab",
    excludes: ["tokenizer"],
    why: "a tokenizer that is there has its vocabulary",
  },
  {
    option: "momentum",
    needs: ["optimizer", "muon"],
    why: "it is Muon's; AdamW has --beta1",
  },
  {
    option: "decay-share",
    needs: ["schedule", "wsd"],
    why: "other schedules have no last part that decays",
  },
  {
    option: "min-rate",
    excludes: ["schedule", "constant"],
    why: "a constant rate does not fall",
  },
];

/** Options that stand for each other: who types one takes it for the other. */
const ALTERNATIVES: readonly (readonly [string, string])[] = [
  ["preset", "depth"],
  ["tokenizer", "vocab"],
  ["text", "synthetic"],
  ["tokens", "epochs"],
];

/** What is wrong with an option beside the others, if anything is. */
function faultOf(rule: Rule, line: CommandLine): string | undefined {
  if (!line.has(rule.option)) return undefined;
  if ("needs" in rule) {
    const [other, value] = rule.needs;
    return line.text(other) === value
      ? undefined
      : `--${rule.option} without --${other} ${value}`;
  }
  const [other, value] = rule.excludes;
  const isThere = value === undefined
    ? line.has(other)
    : line.text(other) === value;
  if (!isThere) return undefined;
  return `both --${rule.option} and --${rule.excludes.join(" ")}`;
}

/** @throws {ConfigError} naming two options that do not go together */
export function checkRules(line: CommandLine): void {
  for (const rule of RULES) {
    const fault = faultOf(rule, line);
    if (fault === undefined) continue;
    throw new ConfigError(`Cannot train with ${fault}: ${rule.why}`);
  }
}

/**
 * What was typed, and below it the options of a specification, but for those
 * that mean nothing beside what was typed, or in whose place another was.
 */
export function withOptions(
  { command, given }: CommandLine,
  below: Iterable<readonly [name: string, value: string]>,
): CommandLine {
  const all = new Map([...below, ...given]);
  for (const pair of ALTERNATIVES) {
    if (!pair.some((name) => given.has(name))) continue;
    for (const name of pair) if (!given.has(name)) all.delete(name);
  }
  for (const rule of RULES) {
    const [other] = "needs" in rule ? rule.needs : rule.excludes;
    if (given.has(rule.option) || !given.has(other)) continue;
    const line = new CommandLine(command, all);
    if (faultOf(rule, line) !== undefined) all.delete(rule.option);
  }
  return new CommandLine(command, all);
}
