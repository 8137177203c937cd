/** The README tells the truth: its example runs, its tree is the tree. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../lib/util/mod.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await Deno.readTextFile(join(root, "README.md"));

Deno.test("the README's example runs", async () => {
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const dir = join(root, "tests");
  const file = await Deno.makeTempFile({ dir, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, code);
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      { args: ["run", "-A", "--check", file], env: { NO_COLOR: "1" } },
    ).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    const losses = lines.slice(1).map((line) => Number(line.split(" ")[1]));
    assert.equal(losses.length, 4);
    assert.ok(losses[3]! < 0.1 * losses[0]!, lines.join("\n"));
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the README's tree is the tree", async () => {
  const tree = /```text\n([\s\S]*?)```/.exec(readme)![1]!;
  let folder = "";
  const named = { top: new Set<string>(), lib: new Set<string>() };
  for (const line of tree.trim().split("\n")) {
    const [, indent, name] = /^(\s*)(\w+)\/\s/.exec(line)!;
    if (!indent) folder = name!;
    const path = indent ? join(folder, name!) : name!;
    assert.ok(await exists(join(root, path)), path);
    named[indent ? "lib" : "top"].add(name!);
  }
  for await (const { name, isDirectory } of Deno.readDir(join(root, "lib"))) {
    if (isDirectory) assert.ok(named.lib.has(name), `README lacks lib/${name}`);
  }
});

Deno.test("the README names commands and files that exist", async () => {
  const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  for (const [, task] of readme.matchAll(/deno(?:@[\d.]+)? task (\w+)/g)) {
    assert.ok(task! in config.tasks, `there is no task ${task}`);
  }
  for (const [, path] of readme.matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
    assert.ok(await exists(join(root, path!)), `${path}`);
  }
});
