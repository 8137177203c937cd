/**
 * Cost of one sample with the meters of this machine: wall time with and
 * without a state file, CPU time as a share of a core at the default interval
 * of 15 s, and of `reading()`, which a trainer asks at each step. Goals: at
 * most 5 ms a sample and 0.5 % of a core. Run by a person:
 * `deno run -A tests/emissions/tracker_bench.ts`.
 */
import { cpuUsage } from "node:process";
import { join } from "node:path";
import { track } from "../../lib/emissions/mod.ts";
import {
  formatDuration,
  formatPercent,
  formatTable,
} from "../../lib/util/mod.ts";

const SAMPLES = 200;
const INTERVAL = 15;
const GOAL = 0.005;
const CORE_GOAL = 0.005;

/** Seconds of each sample, and CPU seconds of all of them. */
async function measure(stateFile?: string) {
  let now = 0; // a clock that runs ahead, so that every sample reads
  await using tracker = await track({
    project: "bench",
    country: "BRA",
    intervalSeconds: 0,
    clock: { seconds: () => now++, date: () => new Date() },
    ...(stateFile === undefined ? {} : { stateFile }),
  });
  const before = cpuUsage();
  const walls: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    await tracker.sample();
    walls.push((performance.now() - start) / 1000);
  }
  const { user, system } = cpuUsage(before);
  const start = performance.now();
  for (let i = 0; i < SAMPLES; i++) tracker.reading();
  const reading = (performance.now() - start) / 1000 / SAMPLES;
  const { parts } = tracker.reading();
  const sorted = walls.toSorted((a, b) => a - b);
  return {
    parts,
    median: sorted[SAMPLES >> 1]!,
    worst: sorted.at(-1)!,
    cpu: (user + system) / 1e6 / SAMPLES,
    reading,
  };
}

const folder = await Deno.makeTempDir();
const rows: (string | number)[][] = [[
  "state file",
  "median",
  "worst",
  "CPU time",
  "reading()",
  "median / 5 ms",
  "share of a core",
  "share / 0.5 %",
]];
try {
  for (const stateFile of [undefined, join(folder, "state.json")]) {
    const { parts, median, worst, cpu, reading } = await measure(stateFile);
    if (!stateFile) {
      for (const { part, method } of parts) console.log(`${part}: ${method}`);
    }
    rows.push([
      stateFile ? "yes" : "no",
      formatDuration(median),
      formatDuration(worst),
      formatDuration(cpu),
      formatDuration(reading),
      (median / GOAL).toFixed(3),
      formatPercent(cpu / INTERVAL),
      (cpu / INTERVAL / CORE_GOAL).toFixed(4),
    ]);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
console.log(formatTable(rows));
