/**
 * What surrounds a line of thought: the open scope and whether gradients are
 * recorded. It follows asynchronous calls, so two things that run at the same
 * time do not disturb each other.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "./scope.ts";

/** Surroundings of the running code. */
export interface Context {
  readonly scope: Scope | undefined;
  readonly records: boolean;
}

const storage = new AsyncLocalStorage<Context>();
const OUTERMOST: Context = { scope: undefined, records: true };

/** The surroundings now. */
export function currentContext(): Context {
  return storage.getStore() ?? OUTERMOST;
}

/** Runs `fn`, and what it awaits, with other surroundings. */
export function withContext<T>(change: Partial<Context>, fn: () => T): T {
  return storage.run({ ...currentContext(), ...change }, fn);
}

/** Changes the surroundings of the rest of the running function. */
export function enterContext(change: Partial<Context>): void {
  storage.enterWith({ ...currentContext(), ...change });
}

/** Runs `fn` without recording gradients. */
export function noGrad<T>(fn: () => T): T {
  return withContext({ records: false }, fn);
}
