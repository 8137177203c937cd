/**
 * Jinja for templates that come from strangers, with chats and with tasks: one
 * that does not come to an end is stopped.
 *
 * @module
 */
import { Interpreter } from "@huggingface/jinja";

/** Expressions within each other; a macro that calls itself has more. */
const MAX_DEPTH = 300;
/** Numbers that `range` gives at once. */
const MAX_RANGE = 100_000;

type Evaluate = Interpreter["evaluate"];

/** An interpreter that counts its steps; it serves one writing. */
export class BoundedInterpreter extends Interpreter {
  readonly #maxSteps: number;
  #steps = 0;
  #depth = 0;

  /** @param maxSteps expressions and statements that may be evaluated */
  constructor(
    environment: ConstructorParameters<typeof Interpreter>[0],
    maxSteps: number,
  ) {
    super(environment);
    this.#maxSteps = maxSteps;
  }

  /** @throws {Error} when there are too many steps, or too deep ones */
  override evaluate(
    ...[node, environment]: Parameters<Evaluate>
  ): ReturnType<Evaluate> {
    if (++this.#steps > this.#maxSteps) {
      throw new Error(`it does not end within ${this.#maxSteps} steps`);
    }
    // Before the stack is full: the library takes that for a missing name.
    if (++this.#depth > MAX_DEPTH) throw new Error("it calls itself again");
    const value = super.evaluate(node, environment);
    this.#depth--;
    return value;
  }
}

/** Jinja's `range`. */
function range(first: number, last?: number, step = 1): number[] {
  const [start, end] = last === undefined ? [0, first] : [first, last];
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (!(count <= MAX_RANGE)) {
    throw new Error(`it asks for a range of ${count} numbers`);
  }
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** Names that every template knows, as in Python. */
export const JINJA_GLOBALS = {
  ...{ range, true: true, false: false, none: null },
  ...{ True: true, False: false, None: null },
} as const;
