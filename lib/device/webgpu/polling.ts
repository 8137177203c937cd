/**
 * How often Dawn looks whether the GPU is done.
 *
 * While something is awaited, Dawn's addon asks for a call by
 * `globalThis.setImmediate` after each look. That is one core at full load
 * beside a working GPU, and each look leaves an object with a finalizer: after
 * some hundred thousand of them Deno 2.9 stands still for minutes while it
 * collects them. So a look that has waited for `QUICK` milliseconds is
 * followed by a pause.
 *
 * @module
 */

/** Milliseconds of looking without pause: short kernels end within them. */
const QUICK = 2;
/** Milliseconds between looks after that. */
const PAUSE = 1;

let waits = 0;
let waitingSince = 0;
let isInstalled = false;

/** Puts the pause into `setImmediate`, once; outside of waits it is as ever. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const immediate = globalThis.setImmediate;
  const patient = (
    callback: (...args: unknown[]) => void,
    ...args: unknown[]
  ) =>
    waits > 0 && performance.now() - waitingSince > QUICK
      ? setTimeout(callback, PAUSE, ...args)
      : immediate(callback, ...args);
  Object.defineProperty(globalThis, "setImmediate", {
    value: patient,
    configurable: true,
    writable: true,
  });
}

/** Awaits something of Dawn's with pauses between the looks. */
export async function waitPatiently<T>(promise: Promise<T>): Promise<T> {
  install();
  if (waits++ === 0) waitingSince = performance.now();
  try {
    return await promise;
  } finally {
    waits--;
  }
}
