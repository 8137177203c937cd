/**
 * Ctrl-C for work that can stop well: at the end of a step, after a token,
 * between two files.
 *
 * @module
 */
import { InterruptedError } from "../../lib/util/mod.ts";
import { note } from "./terminal.ts";

/**
 * A signal that Ctrl-C aborts. A second Ctrl-C ends the process at once, as
 * the first does for work that never asked for a signal.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    Deno.removeSignalListener("SIGINT", stop);
    note("Stopping … (Ctrl-C again ends it at once)");
    controller.abort(new InterruptedError("Stopped by Ctrl-C"));
  };
  Deno.addSignalListener("SIGINT", stop);
  return controller.signal;
}
