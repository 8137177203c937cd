/** Commands as they are typed, read back by a shell. */
import assert from "node:assert/strict";
import { typedCommand } from "../../../tools/commands/typed_command.ts";

Deno.test("typedCommand() is read back by a shell as the same words", async () => {
  const words = [
    "generate",
    "runs/a b",
    "it's",
    "",
    "$HOME;ls",
    "ação",
    "60,40",
  ];
  const typed = typedCommand(words);
  assert.ok(typed.startsWith("deno task caderno generate 'runs/a b' "), typed);
  assert.ok(typed.endsWith(" 60,40"), "plain words stay plain");
  if (Deno.build.os === "windows") return; // has another shell
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", typed.replace("deno task caderno", "printf '%s\\n'")],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), words.join("\n") + "\n");
});
