/**
 * The kernel specification of the project: a file by which Jupyter finds Deno.
 * `deno jupyter --install` writes one into the user's home; this one stays in
 * the project, and JUPYTER_PATH leads Jupyter to it.
 *
 * @module
 */
import { join } from "node:path";
import { writeJson } from "../../lib/util/mod.ts";

/** Name of the kernel, as notebooks refer to it. */
export const KERNEL_NAME = "deno";

/**
 * Writes `.jupyter/kernels/deno/kernel.json` below `root`.
 *
 * Interrupts stay signals (the default): `setup` listens to them, while the
 * other mode, messages, leaves the kernel of Deno 2.9 without an answer.
 *
 * @returns the folder that belongs into JUPYTER_PATH
 */
export async function writeKernelspec(root: string): Promise<string> {
  const folder = join(root, ".jupyter");
  const spec = {
    argv: [
      Deno.execPath(),
      "jupyter",
      "--kernel",
      "--conn",
      "{connection_file}",
    ],
    display_name: "Deno",
    language: "typescript",
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  };
  await writeJson(join(folder, "kernels", KERNEL_NAME, "kernel.json"), spec);
  return folder;
}
