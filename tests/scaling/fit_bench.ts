/**
 * How long fits take, as ratios to SciPy doing the same when there is a Python
 * with it: the 240 public points from all 4500 starts of Hoffmann et al. and
 * from the default 27 (against L-BFGS-B), 4000 bootstrap fits from one start
 * (against BFGS, with the exact gradient and with the differences that the
 * published analysis takes), and 2400 runs. A few minutes.
 * Run: deno run -A tests/scaling/fit_bench.ts
 */
import {
  bootstrapLaw,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  fitLaw,
  HOFFMANN_LAW,
  hoffmannStarts,
  type LawConstants,
  type Observation,
  predictLoss,
  type Resample,
  resampleRows,
  scaledStarts,
} from "../../lib/scaling/mod.ts";
import {
  formatDuration,
  formatScientific,
  formatTable,
  Random,
} from "../../lib/util/mod.ts";

/** Reads a job as JSON, writes seconds, objectives and counts. */
const SCIPY = `
import json, sys, time
import numpy as np
from scipy.optimize import minimize
job = json.load(sys.stdin)
N, D, L = (np.log(np.array(job[k])) for k in ("parameters", "tokens", "loss"))
delta = 1e-3
def objective(p, N, D, L):
    a, b, e, alpha, beta = p
    u, v, w = np.exp(a - alpha * N), np.exp(b - beta * D), np.exp(e)
    s = u + v + w
    r = np.log(s) - L
    c = np.clip(r, -delta, delta)
    u, v, w = c * u / s, c * v / s, c * w / s
    gradient = [u.sum(), v.sum(), w.sum(), -(u * N).sum(), -(v * D).sum()]
    return (c * (r - c / 2)).sum(), np.array(gradient)
value = lambda *args: objective(*args)[0]
options = {"L-BFGS-B": {"ftol": 1e-9, "gtol": 1e-12, "maxiter": 1000}}
start = time.perf_counter()
results = []
for rows in job["resamples"]:
    data = (N[rows], D[rows], L[rows])
    for p in job["starts"]:
        results.append(minimize(objective if job["gradient"] else value, p, data,
            jac=True if job["gradient"] else None, method=job["method"],
            options=options.get(job["method"], {"gtol": 1e-9})))
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "objectives": [r.fun for r in results],
    "evaluations": int(sum(r.nfev for r in results))}))
`;

interface ScipyJob {
  readonly runs: readonly Observation[];
  readonly starts: readonly LawConstants[];
  readonly resamples: readonly Resample[];
  readonly method: "L-BFGS-B" | "BFGS";
  readonly gradient: boolean;
}

interface ScipyResult {
  readonly seconds: number;
  readonly objectives: readonly number[];
  readonly evaluations: number;
}

/** Undefined where there is no Python with SciPy. */
async function runScipy(job: ScipyJob): Promise<ScipyResult | undefined> {
  const { runs, starts, resamples, method, gradient } = job;
  const input = JSON.stringify({
    parameters: runs.map((run) => run.parameters),
    tokens: runs.map((run) => run.tokens),
    loss: runs.map((run) => run.loss),
    starts: starts.map(({ A, B, E, alpha, beta }) => [
      Math.log(A),
      Math.log(B),
      Math.log(E),
      alpha,
      beta,
    ]),
    resamples: resamples.map((rows) => [...rows]),
    method,
    gradient,
  });
  const command = new Deno.Command("python3", {
    args: ["-c", SCIPY],
    env: { OPENBLAS_NUM_THREADS: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  try {
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    // A Python without SciPy exits before it reads; its status tells.
    await writer.write(new TextEncoder().encode(input))
      .then(() => writer.close()).catch(() => {});
    const { success, stdout } = await child.output();
    if (!success) return undefined;
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The shortest of several times, seconds, and the last result. */
async function timed<T>(repeats: number, fn: () => T | Promise<T>) {
  let seconds = Infinity;
  let result: T;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    result = await fn();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, result: result! };
}

type Row = [string, string, string, string, string | number];
const rows: Row[] = [];
const ratio = (scipy: number | undefined, ours: number) =>
  scipy === undefined ? "-" : (scipy / ours).toFixed(1);

const runs = dropHighestLosses(await chinchillaObservations());
const everyRow = [Int32Array.from(runs.keys())];

const all = await timed(3, () => fitLaw(runs, { starts: hoffmannStarts() }));
const few = await timed(20, () => fitLaw(runs));
const grid = await runScipy({
  runs,
  starts: hoffmannStarts(),
  resamples: everyRow,
  method: "L-BFGS-B",
  gradient: true,
});
for (
  const [name, { seconds, result: { objective, evaluations } }] of [
    ["fitLaw, 4500 starts", all],
    [`fitLaw, ${scaledStarts(runs).length} starts`, few],
  ] as const
) {
  rows.push([
    name,
    formatDuration(seconds),
    ratio(grid?.seconds, seconds),
    formatScientific(objective, 10),
    evaluations,
  ]);
}
if (grid) {
  rows.push([
    "SciPy L-BFGS-B, 4500 starts",
    formatDuration(grid.seconds),
    "1",
    formatScientific(grid.objectives.reduce((a, b) => Math.min(a, b)), 10),
    grid.evaluations,
  ]);
}

const COUNT = 4000;
const resamples = resampleRows(runs.length, { count: COUNT });
const start = { resamples, resampleStarts: [HOFFMANN_LAW] };
const one = await timed(1, () => bootstrapLaw(runs, { ...start, threads: 1 }));
const two = await timed(1, () => bootstrapLaw(runs, { ...start, threads: 2 }));
/** SciPy's time for all resamples, from a share of them. */
async function scipyBootstrap(count: number, gradient: boolean) {
  const part = await runScipy({
    runs,
    starts: [HOFFMANN_LAW],
    resamples: resamples.slice(0, count),
    method: "BFGS",
    gradient,
  });
  return part && { ...part, seconds: part.seconds * COUNT / count };
}
const exact = await scipyBootstrap(400, true);
const published = await scipyBootstrap(100, false);
for (
  const [name, seconds] of [
    [`bootstrapLaw, ${COUNT} fits, 1 thread`, one.seconds],
    [`bootstrapLaw, ${COUNT} fits, 2 threads`, two.seconds],
  ] as const
) {
  const time = formatDuration(seconds);
  rows.push([name, time, ratio(exact?.seconds, seconds), "-", "-"]);
}
for (
  const [name, result] of [
    ["SciPy BFGS, exact gradient, from 400 fits", exact],
    ["SciPy BFGS, differences, from 100 fits", published],
  ] as const
) {
  if (!result) continue;
  const slower = exact ? (exact.seconds / result.seconds).toFixed(2) : "-";
  rows.push([name, formatDuration(result.seconds), slower, "-", "-"]);
}

const random = new Random(1, "bench");
const many = Array.from({ length: 2400 }, (): Observation => {
  const size = {
    parameters: 10 ** (7 + 3 * random.uniform()),
    tokens: 10 ** (9 + 3 * random.uniform()),
  };
  const factor = Math.exp(0.01 * random.normal());
  return { ...size, loss: predictLoss(EPOCH_LAW, size) * factor };
});
const large = await timed(3, () => fitLaw(many));
rows.push([
  "fitLaw, 2400 runs, 27 starts",
  formatDuration(large.seconds),
  "-",
  formatScientific(large.result.objective, 10),
  large.result.evaluations,
]);

if (!grid) {
  console.log("No ratio to SciPy: there is no python3 with SciPy here");
}
console.log(formatTable([
  ["fit", "time", "SciPy / this", "objective", "evaluations"],
  ...rows,
]));
