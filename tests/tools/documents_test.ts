/**
 * Commands in the documents are commands: they are found, and their options are
 * read as the command line reads them. `caderno` is short for the task there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../../lib/util/mod.ts";
import { COMMANDS, findCommand } from "../../tools/caderno.ts";
import { OTHER_NAMES } from "../../tools/commands/other_names.ts";
import { parseCommandLine } from "../../tools/commands/command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/your_language.md"];

/** Words of a line as a shell splits them, where quotes hold no quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, plain]) => double ?? single ?? plain!);
}

/** Calls of the command line in the blocks of a document. */
async function callsIn(path: string): Promise<string[][]> {
  const text = await Deno.readTextFile(join(root, path));
  return [...text.matchAll(/^```sh\n([^]*?)^```/gm)]
    .flatMap(([, block]) => block!.replaceAll("\\\n", " ").split("\n"))
    .flatMap((line) => {
      const call = /^(?:deno task )?caderno (.*)$/.exec(line)?.[1];
      return call === undefined ? [] : [wordsOf(call)];
    });
}

for (const path of DOCUMENTS) {
  Deno.test(`${path} calls commands as they are`, async () => {
    for (const call of await callsIn(path)) {
      const command = findCommand(call);
      assert.ok(command, call.join(" "));
      const line = parseCommandLine(
        command,
        call.slice(command.name.split(" ").length),
      );
      for (const [name, { kind }] of Object.entries(command.options)) {
        const isNumber = kind !== "switch" && kind !== "text";
        if (isNumber && line.has(name)) line.number(name); // throws if wrong
      }
    }
  });
}

Deno.test("docs/your_language.md goes through the whole recipe", async () => {
  const calls = await callsIn("docs/your_language.md");
  const called = new Set(calls.map((call) => findCommand(call)!.name));
  const wanted = [
    ...["corpus clean", "tokenizer train", "corpus pack", "train", "log"],
    ...["plot", "generate", "eval", "eval tasks", "finetune chat", "export"],
  ];
  for (const name of wanted) assert.ok(called.has(name), name);
  const text = await Deno.readTextFile(join(root, "docs/your_language.md"));
  for (const [, link] of text.matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
    assert.ok(await exists(join(root, "docs", link!)), link!);
  }
});

Deno.test("OTHER_NAMES leads to commands", () => {
  for (const [name, command] of Object.entries(OTHER_NAMES)) {
    assert.equal(findCommand(name.split(" ")), undefined, `${name} is one`);
    assert.ok(findCommand(command.split(" ")), command);
  }
});

Deno.test("examples of the help are read by their own commands", () => {
  for (const command of COMMANDS) {
    const words = wordsOf(command.example.split(" > ")[0]!);
    assert.equal(findCommand(words), command, command.example);
    parseCommandLine(command, words.slice(command.name.split(" ").length));
  }
});
