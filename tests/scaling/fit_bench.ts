/**
 * How long the fit of the 240 public points takes: all 4500 starts of
 * Hoffmann et al. and the default 27, as a ratio to SciPy's L-BFGS-B with the
 * same objective, exact gradient and 4500 starts, when there is a Python with
 * SciPy. A minute or two. Run: deno run -A tests/scaling/fit_bench.ts
 */
import {
  chinchillaObservations,
  dropHighestLosses,
  fitLaw,
  hoffmannStarts,
  scaledStarts,
} from "../../lib/scaling/mod.ts";
import {
  formatDuration,
  formatScientific,
  formatTable,
} from "../../lib/util/mod.ts";

/** Reads runs and starts as JSON, writes seconds, objective and counts. */
const SCIPY = `
import json, sys, time
import numpy as np
from scipy.optimize import minimize
data = json.load(sys.stdin)
N, D, L = (np.log(np.array(data[k])) for k in ("parameters", "tokens", "loss"))
delta = 1e-3
def objective(p):
    a, b, e, alpha, beta = p
    u, v, w = np.exp(a - alpha * N), np.exp(b - beta * D), np.exp(e)
    s = u + v + w
    r = np.log(s) - L
    c = np.clip(r, -delta, delta)
    u, v, w = c * u / s, c * v / s, c * w / s
    gradient = [u.sum(), v.sum(), w.sum(), -(u * N).sum(), -(v * D).sum()]
    return (c * (r - c / 2)).sum(), np.array(gradient)
start = time.perf_counter()
results = [minimize(objective, p, jac=True, method="L-BFGS-B",
    options={"ftol": 1e-9, "gtol": 1e-12, "maxiter": 1000})
    for p in data["starts"]]
seconds = time.perf_counter() - start
values = np.array([r.fun for r in results])
print(json.dumps({"seconds": seconds, "objective": values.min(),
    "reached": int((values <= values.min() * (1 + 1e-6)).sum()),
    "evaluations": int(sum(r.nfev for r in results))}))
`;

interface Timing {
  name: string;
  seconds: number;
  objective: number;
  reached: string;
  evaluations: number;
}

const runs = dropHighestLosses(await chinchillaObservations());
const all = hoffmannStarts(), few = scaledStarts(runs);

function timeFit(name: string, starts: typeof all, repeats: number): Timing {
  let seconds = Infinity;
  let fit;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    fit = fitLaw(runs, { starts });
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  const { objective, starts: counts, evaluations } = fit!;
  const reached = `${counts.reachedBest}/${counts.total}`;
  return { name, seconds, objective, reached, evaluations };
}

async function timeScipy(): Promise<Timing | undefined> {
  const input = JSON.stringify({
    parameters: runs.map((run) => run.parameters),
    tokens: runs.map((run) => run.tokens),
    loss: runs.map((run) => run.loss),
    starts: all.map(({ A, B, E, alpha, beta }) => [
      Math.log(A),
      Math.log(B),
      Math.log(E),
      alpha,
      beta,
    ]),
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
    const result = JSON.parse(new TextDecoder().decode(stdout));
    const reached = `${result.reached}/${all.length}`;
    return { ...result, reached, name: "SciPy L-BFGS-B, 4500 starts" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const timings = [
  timeFit("fitLaw, 4500 starts", all, 3),
  timeFit("fitLaw, 27 starts", few, 20),
];
const scipy = await timeScipy();
if (scipy) timings.push(scipy);
else console.log("No ratio to SciPy: there is no python3 with SciPy here");
console.log(formatTable([
  ["fit", "time", "SciPy / this", "objective", "reached best", "evaluations"],
  ...timings.map((t) => [
    t.name,
    formatDuration(t.seconds),
    scipy ? (scipy.seconds / t.seconds).toFixed(1) : "-",
    formatScientific(t.objective, 10),
    t.reached,
    t.evaluations,
  ]),
]));
