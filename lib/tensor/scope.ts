/**
 * Scopes free tensors. What is made inside of a scope is freed when it ends,
 * unless it was kept or returned:
 *
 *     {
 *       using _ = scope("step");
 *       const loss = crossEntropy(model(ids), targets);
 *       backward(loss);
 *     }                                   // everything but gradients is freed
 *
 *     const y = await scoped(async () => …);    // frees all but y
 *
 * `using` suits a block that runs straight through; `scoped` holds across
 * every `await`. Without a scope a tensor lives until it is disposed.
 *
 * @module
 */
import { invariant } from "../util/mod.ts";
import { currentContext, enterContext, withContext } from "./context.ts";

/** What a scope can own: a tensor. */
export interface Scoped {
  /** The scope that will free it. */
  owner: Scope | undefined;
  /** Frees it; `reason` tells later users who did. */
  free(reason: string): void;
}

/** Tensors that are freed together. */
export class Scope implements Disposable {
  readonly name: string;
  readonly parent: Scope | undefined;
  readonly #members = new Set<Scoped>();
  #isOpen = true;

  constructor(name: string, parent: Scope | undefined) {
    this.name = name;
    this.parent = parent;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  add(member: Scoped): void {
    invariant(this.#isOpen, `scope "${this.name}" has ended`);
    this.#members.add(member);
    member.owner = this;
  }

  remove(member: Scoped): void {
    this.#members.delete(member);
    member.owner = undefined;
  }

  /** Ends the scope and frees its tensors. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const member of this.#members) {
      member.owner = undefined;
      member.free(`the end of scope "${this.name}"`);
    }
    this.#members.clear();
    if (currentContext().scope === this) enterContext({ scope: this.parent });
  }
}

/** The innermost scope that is still open. */
export function currentScope(): Scope | undefined {
  let scope = currentContext().scope;
  // One that ended elsewhere may still be set here: see `using` above.
  while (scope && !scope.isOpen) scope = scope.parent;
  return scope;
}

/** Opens a scope for the rest of the block: `using _ = scope("step")`. */
export function scope(name = "scope"): Scope {
  const opened = new Scope(name, currentScope());
  enterContext({ scope: opened });
  return opened;
}

function isScoped(x: unknown): x is Scoped {
  return typeof x === "object" && x !== null && "owner" in x && "free" in x;
}

/** Gives the tensors in a result to `target`, or to nobody. */
function hand(result: unknown, inner: Scope, target: Scope | undefined): void {
  if (isScoped(result)) {
    if (result.owner !== inner) return;
    inner.remove(result);
    target?.add(result);
  } else if (Array.isArray(result)) {
    for (const item of result) hand(item, inner, target);
  } else if (
    typeof result === "object" && result !== null &&
    Object.getPrototypeOf(result) === Object.prototype
  ) {
    for (const item of Object.values(result)) hand(item, inner, target);
  }
}

/**
 * Runs `fn` in a scope of its own and frees what it made, except for tensors
 * in its result (a tensor, or a list or record of them), which go to the scope
 * around. Works across `await`.
 */
export function scoped<T>(fn: () => T, name = fn.name || "scoped"): T {
  const outer = currentScope();
  const inner = new Scope(name, outer);
  const finish = <R>(result: R): R => {
    hand(result, inner, outer);
    inner[Symbol.dispose]();
    return result;
  };
  let result: T;
  try {
    result = withContext({ scope: inner }, fn);
  } catch (error) {
    inner[Symbol.dispose]();
    throw error;
  }
  if (!(result instanceof Promise)) return finish(result);
  return result.then(finish, (error) => {
    inner[Symbol.dispose]();
    throw error;
  }) as T;
}

/** Takes a tensor out of its scope: it lives until it is disposed. */
export function keep<T extends Scoped>(tensor: T): T {
  tensor.owner?.remove(tensor);
  return tensor;
}
