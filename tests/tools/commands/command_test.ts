/** Reading command lines, names that are nearly right, and the help. */
import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/util/mod.ts";
import {
  type Command,
  parseCommandLine,
} from "../../../tools/commands/command.ts";
import { commandHelp, overviewHelp } from "../../../tools/commands/help.ts";
import { assertFails } from "../../support/assert_close.ts";

const COMMAND: Command = {
  name: "make tea",
  summary: "Make tea",
  operands: ["POT", "[CUP…]"],
  options: {
    leaves: {
      heading: "Tea",
      kind: "count",
      help: "leaves of tea",
      range: [1, 1000],
      default: "12",
    },
    sugar: { kind: "number", help: "spoons", range: [0, Infinity] },
    kind: { kind: "text", value: "NAME", help: "sort of tea" },
    with: { kind: "text", help: "what is eaten", repeats: true },
    hot: { kind: "switch", help: "with steam" },
  },
  example: "make tea pot --hot",
  run: () => Promise.resolve(),
};

const parse = (...args: string[]) => parseCommandLine(COMMAND, args);

Deno.test("parseCommandLine() reads operands, values, switches and defaults", () => {
  const line = parse("pot", "--leaves", "2k", "cup", "--sugar=1.5", "--hot");
  assert.deepEqual(line.operands, ["pot", "cup"]);
  assert.throws(() => line.number("leaves"), /--leaves 2k/);
  assert.equal(line.number("sugar"), 1.5);
  assert.equal(line.has("hot"), true);
  assert.equal(line.text("kind"), undefined);
  const meal = parse("pot", "--with", "bread", "--with=jam");
  assert.deepEqual(meal.texts("with"), ["bread", "jam"]);
  assert.deepEqual(line.texts("with"), []);
  const plain = parse("pot", "--", "--hot");
  assert.deepEqual(plain.operands, ["pot", "--hot"]);
  assert.equal(plain.needNumber("leaves"), 12);
  assert.equal(plain.has("hot"), false);
});

Deno.test("parseCommandLine() says what is wrong", async () => {
  const cases: [() => unknown, RegExp][] = [
    [
      () => parse("pot", "--leavs", "3"),
      /no option --leavs, the nearest is --leaves/,
    ],
    [
      () => parse("pot", "-q"),
      /no option -q, there are --leaves, --sugar, --kind, --with, --hot/,
    ],
    [() => parse("pot", "--constructor", "3"), /no option --constructor/],
    [() => parse("pot", "--kind"), /--kind needs a value: --kind NAME/],
    [() => parse("pot", "--kind", "--hot"), /--kind needs a value/],
    [() => parse("pot", "--hot=yes"), /--hot takes no value/],
    [() => parse("pot", "--hot", "--hot"), /--hot is there twice/],
    [
      () => parse("pot", "--kind", "a", "--kind=b"),
      /Cannot run "make tea": --kind is there twice/,
    ],
    [() => parse(), /wanted POT \[CUP…\], got nothing/],
    [
      () => parse("pot", "--sugar", "-1").number("sugar"),
      /--sugar -1: wanted a number .*, from 0$/,
    ],
    [
      () => parse("pot", "--leaves", "0").number("leaves"),
      /--leaves 0: wanted a whole number .*, 1 to 1000$/,
    ],
    [
      () => parse("pot").needText("kind"),
      /Cannot run "make tea" without --kind: sort of tea/,
    ],
  ];
  for (const [fn, pattern] of cases) {
    await assertFails(fn, ConfigError, pattern);
  }
});

Deno.test("overviewHelp() names the variables that README names", async () => {
  const help = overviewHelp([{ title: "Tea", commands: [COMMAND] }]);
  assert.match(help, /^Tea\n\n {2}make tea {2,}Make tea$/m);
  const readme = await Deno.readTextFile(
    new URL("../../../README.md", import.meta.url),
  );
  const names = new Set(readme.match(/\b(?:CADERNO|DENO)_[A-Z0-9_]+/g));
  assert.ok(names.size > 3, [...names].join());
  for (const name of names) {
    assert.match(help, new RegExp(`^  ${name}\\b`, "m"));
  }
});

Deno.test("commandHelp() gives usage, ranges, defaults and an example", () => {
  assert.equal(
    commandHelp(COMMAND),
    `Make tea

  deno task caderno make tea POT [CUP…] [options]

Tea
  --leaves N                leaves of tea (1 to 1000; default 12)
  --sugar X                 spoons (from 0)
  --kind NAME               sort of tea
  --with TEXT               what is eaten
  --hot                     with steam
  --help                    this text

Example:

  deno task caderno make tea pot --hot`,
  );
});
