/**
 * AssemblyScript to WebAssembly, once for each text: compiled modules are kept
 * in `.cache/wasm` under a hash of everything that went in.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DeviceError, writeFileAtomic } from "../../util/mod.ts";
import { cacheFolder } from "../cache_folder.ts";
import type { AssemblySource } from "../kernel.ts";

/** Bytes at the bottom of the memory for the constants of one family. */
export const STATIC_BYTES = 16384;

const FLAGS = [
  ...["-O3", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--enable", "simd", "--enable", "relaxed-simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory"],
  ...["--initialMemory", "64", "--maximumMemory", "65536"],
];
/** Changes with the compiler, so that old modules are not taken for new. */
const COMPILER = "assemblyscript@0.28.20";

/** The source and what it imports by "./name", name → text. */
type Texts = Map<string, string>;

function importedNames(text: string): string[] {
  return [...text.matchAll(/from\s+"\.\/([\w]+)(?:\.ts)?"/g)].map((m) => m[1]!);
}

/** Reads a family with its imports; the others lie in the folder of `base`. */
async function collect(
  family: AssemblySource,
  base: URL,
  modules: Readonly<Record<string, string>>,
): Promise<Texts> {
  const texts: Texts = new Map();
  const entry = family.source instanceof URL
    ? await Deno.readTextFile(family.source)
    : family.source;
  texts.set("entry", entry);
  const queue = importedNames(entry);
  for (const name of queue) {
    if (texts.has(name)) continue;
    const text = modules[name] ??
      await Deno.readTextFile(new URL(`${name}.ts`, base));
    texts.set(name, text);
    queue.push(...importedNames(text));
  }
  return texts;
}

async function assemble(
  family: string,
  texts: Texts,
  memoryBase: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const asc = await import("assemblyscript/asc");
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const name = (path: string) => path.replace(/^.*\//, "").replace(/\.ts$/, "");
  const { error, stderr } = await asc.main(
    ["entry.ts", "-o", "out.wasm", ...FLAGS, "--memoryBase", `${memoryBase}`],
    {
      readFile: (path: string) => texts.get(name(path)) ?? null,
      writeFile: (path: string, data: string | Uint8Array) => {
        if (path.endsWith(".wasm")) binary = new Uint8Array(data as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) {
    throw new DeviceError(
      `Cannot compile the CPU kernels "${family}":\n${stderr.toString()}`,
    );
  }
  return binary;
}

/**
 * The module of a family, from the cache or compiled (about 0.3 s).
 *
 * @param index place of the family, for the address of its constants
 * @param base folder of the files that sources import
 * @param modules texts of imports that are not files, by name
 * @throws {DeviceError} with the compiler's message
 */
export async function compileFamily(
  family: AssemblySource,
  index: number,
  base: URL,
  modules: Readonly<Record<string, string>> = {},
): Promise<WebAssembly.Module> {
  const texts = await collect(family, base, modules);
  const memoryBase = (index + 1) * STATIC_BYTES;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([COMPILER, FLAGS, memoryBase, ...texts]));
  const key = hash.digest("hex").slice(0, 16);
  const path = join(cacheFolder("wasm"), `${family.family}-${key}.wasm`);
  try {
    return new WebAssembly.Module(await Deno.readFile(path));
  } catch {
    // Absent or damaged: compile it.
  }
  const binary = await assemble(family.family, texts, memoryBase);
  await writeFileAtomic(path, binary).catch(() => {}); // a read-only checkout
  return new WebAssembly.Module(binary);
}
