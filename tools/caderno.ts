/**
 * `deno task caderno`: the command line. Each command is a record in
 * `commands/`; here one is found by its words, run, and its errors become one
 * line and an exit code: 0 done, 1 wrong, 130 stopped by Ctrl-C, 141 nobody
 * reads on (as of programs that SIGPIPE ends).
 *
 * @module
 */
import {
  ConfigError,
  InterruptedError,
  messageOf,
  nearNames,
} from "../lib/util/mod.ts";
import { type Command, parseCommandLine } from "./commands/command.ts";
import { chatCommand } from "./commands/chat.ts";
import { classifyCommand } from "./commands/classify.ts";
import { corpusCommands } from "./commands/corpus.ts";
import { emissionsCommands } from "./commands/emissions.ts";
import { estimateCommand } from "./commands/estimate.ts";
import { evalCommand } from "./commands/eval.ts";
import { evalCommands } from "./commands/eval_commands.ts";
import { exportCommand } from "./commands/export.ts";
import { finetuneChatCommand } from "./commands/finetune_chat.ts";
import { finetuneClassifyCommand } from "./commands/finetune_classify.ts";
import { finetunePreferCommand } from "./commands/finetune_prefer.ts";
import { generateCommand } from "./commands/generate.ts";
import {
  commandHelp,
  type CommandSection,
  groupHelp,
  overviewHelp,
  PROGRAM,
} from "./commands/help.ts";
import { logCommand } from "./commands/log.ts";
import { machineCommand } from "./commands/machine.ts";
import { scalingCommands } from "./commands/scaling.ts";
import { OTHER_NAMES } from "./commands/other_names.ts";
import { plotCommand } from "./commands/plot.ts";
import { note, print } from "./commands/terminal.ts";
import { sweepCommands } from "./commands/sweep.ts";
import { tokenizerCommands } from "./commands/tokenizer.ts";
import { trainCommand } from "./commands/train.ts";
import { cadernoVersion } from "./commands/version.ts";

/** All commands, by what they are about, in the order of the work. */
const SECTIONS: readonly CommandSection[] = [
  {
    title: "Texts and tokenizers",
    commands: [...corpusCommands, ...tokenizerCommands],
  },
  {
    title: "Models",
    commands: [
      trainCommand,
      logCommand,
      plotCommand,
      generateCommand,
      exportCommand,
    ],
  },
  {
    title: "Fine-tuning and chat",
    commands: [
      finetuneClassifyCommand,
      classifyCommand,
      finetuneChatCommand,
      finetunePreferCommand,
      chatCommand,
    ],
  },
  {
    title: "Evaluation",
    // "eval" last: the words of the others would be its operands.
    commands: [...evalCommands, evalCommand],
  },
  {
    title: "Budgets, scaling laws, energy",
    commands: [
      machineCommand,
      estimateCommand,
      ...scalingCommands,
      ...sweepCommands,
      ...emissionsCommands,
    ],
  },
];
/** All commands. */
export const COMMANDS = SECTIONS.flatMap(({ commands }) => commands);

/** Whether the words before "--" ask for help. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

/** The command whose name the arguments begin with. */
export function findCommand(args: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => {
    const words = name.split(" ");
    return words.every((word, i) => args[i] === word);
  });
}

/** @throws {ConfigError} naming the nearest command */
function refuse(args: readonly string[]): never {
  const all = COMMANDS.map(({ name }) => name);
  const group = all.filter((name) => name.startsWith(`${args[0]} `));
  const names = group.length > 0 ? group : all;
  const typed = args.slice(0, group.length > 0 ? 2 : 1).join(" ");
  const near = OTHER_NAMES[typed] ?? nearNames(typed, names)[0];
  throw new ConfigError(
    `Cannot find the command "${typed}": ` +
      (near ? `the nearest is "${near}"; ` : "") +
      (group.length > 0
        ? `there are ${names.join(", ")}`
        : `${PROGRAM} --help lists all`),
  );
}

async function runCommand(typed: readonly string[]): Promise<void> {
  const args = typed[0] === "help" ? [...typed.slice(1), "--help"] : typed;
  if (args[0] === "--version") {
    return print(`caderno ${cadernoVersion}, deno ${Deno.version.deno}`);
  }
  const command = findCommand(args);
  if (command) {
    if (asksForHelp(args)) return print(commandHelp(command));
    const rest = args.slice(command.name.split(" ").length);
    return await command.run(parseCommandLine(command, rest));
  }
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${args[0]} `));
  const isGroup = group.length > 0 && (args.length === 1 || asksForHelp(args));
  if (isGroup) return print(groupHelp(group));
  if (args.length === 0 || args[0]!.startsWith("-") && asksForHelp(args)) {
    return print(overviewHelp(SECTIONS));
  }
  refuse(args);
}

/** Runs the command line and returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    await runCommand(args);
    return 0;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return 141; // `| head` has enough
    const isStopped = error instanceof InterruptedError;
    note(isStopped ? messageOf(error) : `error: ${messageOf(error)}`);
    if (Deno.env.get("CADERNO_DEBUG") === "1" && error instanceof Error) {
      note(error.stack ?? "");
    }
    return isStopped ? 130 : 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
