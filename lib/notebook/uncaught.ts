/**
 * Errors that nobody catches. The kernel swallows those of promises and hangs
 * for half a minute on those of timers; here they become errors of the
 * notebook, shown in the cell that runs.
 *
 * @module
 */
import { broadcast } from "./jupyter.ts";

const shown = new WeakSet<Promise<unknown>>();

/** Shows anything that was thrown as an error of the notebook. */
export async function showError(reason: unknown): Promise<void> {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  await broadcast("error", {
    ename: error.name,
    evalue: error.message,
    traceback: (error.stack ?? error.message).split("\n"),
  });
}

/** The value of a promise; an error is shown unless it has been already. */
export async function settledOrShown(
  promise: Promise<unknown>,
): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (!shown.has(promise)) await showError(error);
    return undefined;
  }
}

/** Shows errors of promises and timers from now on. */
export function showUncaughtErrors(): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    shown.add(event.promise);
    void showError(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    void showError(event.error);
  });
}
