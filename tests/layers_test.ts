/**
 * The architecture as a test: imports fall one way, nothing comes from the
 * network, the library does not print, files stay readable in one sitting.
 */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { formatTable, walkFiles } from "../lib/util/mod.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const TENSORS = ["util", "device", "kernels", "tensor"];
const MODELS = [...TENSORS, "nn", "optim", "text", "model"];

/** Folder under `lib` → folders it may import, besides itself. */
const FLOORS: Record<string, readonly string[]> = {
  util: [],
  device: ["util"],
  kernels: ["util", "device"],
  tensor: ["util", "device", "kernels"],
  nn: TENSORS,
  optim: TENSORS,
  text: ["util"],
  model: [...TENSORS, "nn", "optim", "text"],
  train: [...MODELS, "eval", "chat"],
  eval: MODELS,
  chat: MODELS,
  scaling: ["util"],
  emissions: ["util"],
  sweep: [...MODELS, "train", "eval", "scaling", "emissions"],
  plots: ["util"],
  notebook: [
    ...MODELS,
    "train",
    "eval",
    "chat",
    "scaling",
    "emissions",
    "sweep",
    "plots",
  ],
};
/** Folders whose *types* may be imported as well. */
const TYPES: Record<string, readonly string[]> = {
  plots: ["train", "eval", "scaling", "emissions"],
};
/** Files over 400 lines, with the reason. */
const LONG_FILES: Record<string, string> = {};

interface Import {
  file: string;
  specifier: string;
  isType: boolean;
}

async function sourceFiles(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(walkFiles(join(root, folder)));
  return files.filter((file) => file.endsWith(".ts"));
}

/** Static and dynamic imports of a module, comments and strings left out. */
function importsOf(file: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(
    /^\s*\/\/.*$/gm,
    "",
  );
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;
  return [...code.matchAll(pattern)].map((m) => ({
    file,
    specifier: (m[2] ?? m[3])!,
    isType: m[1] !== undefined,
  }));
}

async function allImports(): Promise<Import[]> {
  const imports: Import[] = [];
  for (const file of await sourceFiles("lib")) {
    if (file.includes(join("kernels", "cpu"))) continue; // AssemblyScript
    imports.push(...importsOf(file, await Deno.readTextFile(file)));
  }
  return imports;
}

Deno.test("lib imports go down the floors only", async () => {
  const wrong: string[] = [];
  for (const { file, specifier, isType } of await allImports()) {
    if (!specifier.startsWith(".")) continue;
    const from = relative(join(root, "lib"), file).split(/[\\/]/)[0]!;
    const target = relative(
      join(root, "lib"),
      join(dirname(file), specifier),
    ).split(/[\\/]/);
    const to = target[0]!;
    if (from.endsWith(".ts")) continue; // lib/mod.ts re-exports everything
    if (from === to) continue;
    const allowed = FLOORS[from]?.includes(to) ||
      (isType && TYPES[from]?.includes(to));
    if (!allowed) wrong.push(`${relative(root, file)} imports ${specifier}`);
    else if (target.at(-1) !== "mod.ts") {
      wrong.push(`${relative(root, file)} passes by mod.ts: ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("lib has a floor for every folder", async () => {
  for await (const entry of Deno.readDir(join(root, "lib"))) {
    if (entry.isDirectory) assert.ok(entry.name in FLOORS, entry.name);
  }
});

Deno.test("lib files do not import each other in a circle", async () => {
  const edges = new Map<string, string[]>();
  for (const { file, specifier, isType } of await allImports()) {
    if (isType || !specifier.startsWith(".")) continue;
    const target = join(dirname(file), specifier);
    edges.set(file, [...edges.get(file) ?? [], target]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    const circle = path.slice(at).concat(file).map((f) => relative(root, f));
    assert.ok(at < 0, `circle: ${circle.join(" → ")}`);
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
});

Deno.test("packages are pinned in deno.json and only there", async () => {
  const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const imports = config.imports as Record<string, string>;
  for (const [name, target] of Object.entries(imports)) {
    if (target.startsWith("./")) continue;
    assert.match(target, /^npm:.+@\d+\.\d+\.\d+(\/.*)?$/, name);
  }
  const guide = await Deno.readTextFile(join(root, "CONTRIBUTING.md"));
  for (const name of Object.keys(imports)) {
    if (name.startsWith("caderno")) continue;
    assert.ok(
      guide.includes(`\`${name}\``),
      `CONTRIBUTING gives no reason for ${name}`,
    );
  }
  const folders = ["lib", "tools", "tests"];
  for (const file of (await Promise.all(folders.map(sourceFiles))).flat()) {
    if (file.includes(join("kernels", "cpu"))) continue;
    for (
      const { specifier } of importsOf(file, await Deno.readTextFile(file))
    ) {
      const isKnown = /^(\.|node:)/.test(specifier) ||
        Object.keys(imports).some((n) =>
          specifier === n || specifier.startsWith(`${n}/`)
        );
      assert.ok(isKnown, `${relative(root, file)} imports ${specifier}`);
    }
  }
});

Deno.test("lib prints nothing outside of the notebook floor", async () => {
  for (const file of await sourceFiles("lib")) {
    if (relative(join(root, "lib"), file).startsWith("notebook")) continue;
    const text = await Deno.readTextFile(file);
    assert.doesNotMatch(text, /^\s*console\./m, relative(root, file));
  }
});

Deno.test("files are short enough to read in one sitting", async () => {
  const rows: [string, number][] = [];
  for (const folder of ["lib", "tools", "tests"]) {
    for (const file of await sourceFiles(folder)) {
      const lines = (await Deno.readTextFile(file)).split("\n").length - 1;
      rows.push([relative(root, file).replaceAll("\\", "/"), lines]);
    }
  }
  const library = rows.filter(([file]) => file.startsWith("lib/"))
    .map(([, lines]) => lines).sort((a, b) => a - b);
  const largest = rows.toSorted((a, b) => b[1] - a[1]).slice(0, 5);
  console.log(
    `lib: ${library.length} files, median ${
      library[library.length >> 1]
    } lines, total ${library.reduce((a, b) => a + b, 0)}\n` +
      formatTable([["largest files", "lines"], ...largest]),
  );
  for (const [file, lines] of rows) {
    const limit = file.startsWith("tests/") ? 600 : 400;
    if (lines > limit) {
      assert.ok(LONG_FILES[file], `${file} has ${lines} lines and no reason`);
    }
  }
});
