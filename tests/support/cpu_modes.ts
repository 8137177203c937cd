/**
 * Benches of the CPU device in each way that it can be run: V8's flags belong
 * to a process, so a bench calls itself and takes its own last line as JSON.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { findBlas } from "../../lib/device/cpu/blas.ts";

/** One way to run the CPU device. */
export interface CpuMode {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly v8Flags?: string;
}

const blas = findBlas();

/** What a user may choose, plainest first; the last is a BLAS if there is one. */
export const CPU_MODES: readonly CpuMode[] = [
  { name: "WebAssembly", env: { CADERNO_BLAS: "off" } },
  {
    name: "WebAssembly, revectorized",
    env: { CADERNO_BLAS: "off" },
    v8Flags: "--experimental-wasm-revectorize",
  },
  {
    name: "WebAssembly, fast flags",
    env: { CADERNO_BLAS: "off" },
    v8Flags: "--experimental-wasm-revectorize,--no-wasm-bounds-checks",
  },
  ...blas ? [{ name: blas.name, env: { CADERNO_BLAS: blas.path } }] : [],
];

/** The argument by which a bench knows that it is the one that measures. */
export const MEASURE = "--measure";

/**
 * Runs a bench with {@link MEASURE} in a process of its own.
 *
 * @returns its last line as JSON
 * @throws {Error} with what it wrote when it fails
 */
export async function measureIn<T>(
  bench: string,
  mode: CpuMode,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const flags = mode.v8Flags ? [`--v8-flags=${mode.v8Flags}`] : [];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", ...flags],
      ...[fileURLToPath(bench), MEASURE],
    ],
    env: { NO_COLOR: "1", ...mode.env, ...env },
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr);
  if (!success) throw new Error(`${mode.name}: ${text}`);
  return JSON.parse(text.trimEnd().split("\n").at(-1)!) as T;
}

/** Prints what {@link measureIn} reads. */
export function report(result: unknown): void {
  console.log(JSON.stringify(result));
}
