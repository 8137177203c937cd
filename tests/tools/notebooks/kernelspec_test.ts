/** The kernel specification; Jupyter takes it in tests/tools/browser_test.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeKernelspec } from "../../../tools/notebooks/kernelspec.ts";

Deno.test("writeKernelspec() names this Deno and can be repeated", async () => {
  const root = await Deno.makeTempDir();
  const folder = await writeKernelspec(root);
  assert.equal(await writeKernelspec(root), folder);
  const file = join(folder, "kernels", "deno", "kernel.json");
  const spec = JSON.parse(await Deno.readTextFile(file));
  assert.equal(spec.argv[0], Deno.execPath());
  assert.deepEqual(spec.argv.slice(1), [
    "jupyter",
    "--kernel",
    "--conn",
    "{connection_file}",
  ]);
  assert.equal("interrupt_mode" in spec, false);
  await Deno.remove(root, { recursive: true });
});
