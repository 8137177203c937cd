/**
 * A process of a sweep: `sweep_worker.ts FOLDER ID` trains one run, and counts
 * its energy where a PUE follows (`--meter 1.2`). In place of the name
 * `--measure` measures all sizes, `--busy ID` is at work until it is killed,
 * `--fit` gathers the rows and fits them. It says nothing: what it has to say
 * lies in the folder.
 *
 * It ends with the process that started it. Otherwise a run would go on after
 * its sweep was killed, and a second worker would train it as well.
 *
 * @module
 */
import { fitSweep } from "./fit_sweep.ts";
import { measureSweep } from "./predict_sweep.ts";
import { keepBusy } from "./sweep_power.ts";
import { trainSweepRun } from "./train_sweep_run.ts";

/** Milliseconds between two looks at who the parent is. */
const PARENT_CHECK = 500;

function endWithParent(): void {
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) Deno.exit(1); // the parent has ended
  }, PARENT_CHECK);
  Deno.unrefTimer(timer);
}

if (import.meta.main) {
  endWithParent();
  const [folder, what, ...more] = Deno.args as [string, string, ...string[]];
  if (what === "--measure") await measureSweep(folder);
  else if (what === "--busy") await keepBusy(folder, more[0]!);
  else if (what === "--fit") await fitSweep(folder);
  else {
    const pue = more[0] === "--meter" ? Number(more[1]) : undefined;
    await trainSweepRun(folder, what, pue);
  }
}
