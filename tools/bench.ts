/**
 * `deno task bench`: runs every `*_bench.ts` under tests/, one process after
 * the other, so that none disturbs the next. Benches print ratios against a
 * peer or a limit measured in the same run: machines are noisy.
 *
 * @module
 */
import { cpus } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDuration, walkFiles } from "../lib/util/mod.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const HELP = `Measure speed.

  deno task bench [names…]

Names are parts of paths: "matmul", "train". Without one, all benches run.`;

if (Deno.args.includes("--help")) {
  console.log(HELP);
  Deno.exit(0);
}
const all = await Array.fromAsync(walkFiles(`${ROOT}/tests`));
const benches = all.filter((path) => path.endsWith("_bench.ts")).filter((
  path,
) => Deno.args.length === 0 || Deno.args.some((name) => path.includes(name)));
if (benches.length === 0) {
  console.error(`error: no bench matches ${Deno.args.join(", ")}`);
  Deno.exit(1);
}
const date = new Date().toISOString().slice(0, 10);
const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}`;
const { deno, v8 } = Deno.version;
console.log(`${date}, ${Deno.build.os}, ${machine}, Deno ${deno}, V8 ${v8}`);
const [load] = Deno.loadavg(); // of the last minute; 0 where it is not known
if (load! > 0.5) {
  console.log(
    `load ${load!.toFixed(1)}: other programs make this machine slow`,
  );
}
let failed = 0;
for (const path of benches) {
  const started = performance.now();
  console.log(`\n# ${relative(ROOT, path)}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) failed++;
  console.log(`(${formatDuration((performance.now() - started) / 1000)})`);
}
Deno.exit(failed > 0 ? 1 : 0);
