/** The lab command where there is no Jupyter. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { installHint } from "../../tools/lab.ts";

const script = fileURLToPath(new URL("../../tools/lab.ts", import.meta.url));

Deno.test("installHint() is one command for each system", () => {
  assert.equal(installHint("linux", true), "sudo apt install jupyter-notebook");
  assert.equal(installHint("darwin", false), "brew install jupyterlab");
  assert.match(installHint("linux", false), /^uv tool install jupyterlab/);
  assert.match(installHint("windows", false), /^uv tool install jupyterlab/);
});

Deno.test("lab says how to get Jupyter when it is missing", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script],
    env: { PATH: "/nowhere", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  assert.equal(code, 1);
  assert.match(text, /^Jupyter is not installed\. To get it: .+install/);
  assert.equal(text.split("\n").length, 1);
});
