/**
 * A process of a sweep: `sweep_worker.ts FOLDER ID` trains one run, `--measure`
 * in place of the name measures all sizes, `--fit` gathers the rows and fits
 * them. It says nothing: what it has to say lies in the folder.
 *
 * It ends with the process that started it. Otherwise a run would go on after
 * its sweep was killed, and a second worker would train it as well.
 *
 * @module
 */
import { fitSweep } from "./fit_sweep.ts";
import { measureSweep } from "./predict_sweep.ts";
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
  const [folder, what] = Deno.args as [string, string];
  if (what === "--measure") await measureSweep(folder);
  else if (what === "--fit") await fitSweep(folder);
  else await trainSweepRun(folder, what);
}
