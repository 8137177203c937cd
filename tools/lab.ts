/**
 * `deno task lab`: opens the notebooks in Jupyter, with Deno as their kernel.
 * Nothing is installed outside of the project: the kernel specification is
 * written into `.jupyter/`, where JUPYTER_PATH leads Jupyter.
 *
 * @module
 */
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../lib/util/mod.ts";
import { writeKernelspec } from "./notebooks/kernelspec.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const HELP = `Open the notebooks in Jupyter (JupyterLab, else Notebook).

  deno task lab [options of Jupyter…]

Example: deno task lab --no-browser --port 8899`;

/** How Jupyter comes to a system, in one line. */
export function installHint(os: string, hasApt: boolean): string {
  if (os === "linux" && hasApt) return "sudo apt install jupyter-notebook";
  if (os === "darwin") return "brew install jupyterlab";
  return "uv tool install jupyterlab (or: pip install jupyterlab)";
}

/** Whether `jupyter <name>` is there. */
async function hasJupyter(name: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("jupyter", {
      args: [name, "--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The frontend to open, or undefined when there is none. */
async function findFrontend(): Promise<string | undefined> {
  for (const name of ["lab", "notebook"]) {
    if (await hasJupyter(name)) return name;
  }
  return undefined;
}

async function openLab(args: readonly string[]): Promise<number> {
  const folder = await writeKernelspec(ROOT);
  const frontend = await findFrontend();
  if (frontend === undefined) {
    const hint = installHint(Deno.build.os, await exists("/usr/bin/apt"));
    console.error(`Jupyter is not installed. To get it: ${hint}`);
    return 1;
  }
  console.log(
    `Opening Jupyter ${frontend}; the kernel is in ${relative(".", folder)}. ` +
      "Ctrl-C twice ends it.",
  );
  const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
  const paths = [folder, Deno.env.get("JUPYTER_PATH")].filter(Boolean);
  const process = new Deno.Command("jupyter", {
    args: [frontend, ...(isRoot ? ["--allow-root"] : []), ...args],
    cwd: join(ROOT, "notebooks"),
    env: {
      JUPYTER_PATH: paths.join(delimiter),
      PYDEVD_DISABLE_FILE_VALIDATION: "1", // only silences a warning
    },
  }).spawn();
  // The terminal sends Ctrl-C to Jupyter too, which asks whether to stop.
  Deno.addSignalListener("SIGINT", () => {});
  return (await process.status).code;
}

if (import.meta.main) {
  if (Deno.args.includes("--help")) console.log(HELP);
  else Deno.exit(await openLab(Deno.args));
}
