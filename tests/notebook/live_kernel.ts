/**
 * The real kernel of Deno with `setup` run in it, for tests of what arrives at
 * a frontend.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Kernel } from "../../tools/notebooks/kernel.ts";

/** Any folder below deno.json, so that "caderno" resolves. */
const cwd = fileURLToPath(new URL("../fixtures", import.meta.url));

/** A message of a cell. */
export interface Output {
  readonly type: string;
  // deno-lint-ignore no-explicit-any -- fields depend on the type
  readonly content: any;
}

/** What a cell prints for `onStart` to be called. */
export const START = 'console.log("started");';

/** A kernel, and a way to run a cell in it. */
export interface LiveKernel extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly run: (code: string, onStart?: () => void) => Promise<Output[]>;
  /** Outputs of the imports and `setup`. */
  readonly first: readonly Output[];
}

/**
 * Starts a kernel and runs `setup` in it.
 *
 * @param imports code of the first cell
 */
export async function liveKernel(
  imports: string,
  isStatic = false,
): Promise<LiveKernel> {
  const env = { CADERNO_STATIC: isStatic ? "1" : "0" };
  const kernel = await Kernel.start({ cwd, env });
  const run = async (
    code: string,
    onStart?: () => void,
  ): Promise<Output[]> => {
    const outputs: Output[] = [];
    await kernel.execute(code, {
      timeoutSeconds: 30,
      onMessage: ({ type, content }) => {
        if (content.text === "started\n") onStart?.();
        else if (type !== "status" && type !== "execute_input") {
          outputs.push({ type, content });
        }
      },
    });
    return outputs;
  };
  const first = await run(`${imports}\nawait setup()`);
  return {
    kernel,
    run,
    first,
    [Symbol.asyncDispose]: async () => void await kernel.shutdown(),
  };
}
