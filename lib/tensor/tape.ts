/**
 * The tape: every operator that was run leaves a node, and `backward` walks
 * them from the result to the tensors that the user made.
 *
 * A node owns what it saved. It lives as long as a tensor or a later node
 * points to it, and `backward` empties it as soon as it was used: memory of a
 * long graph falls while the gradients are computed.
 *
 * @module
 */
import { FreedError, invariant } from "../util/mod.ts";
import { currentContext } from "./context.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Gradients of the inputs of an operator, in their order.
 *
 * @param dOut gradient of its result
 * @param saved tensors it saved
 * @param needs for each input, whether its gradient is wanted
 */
export type Backward = (
  dOut: Tensor,
  saved: readonly Tensor[],
  needs: readonly boolean[],
) => (Tensor | undefined)[];

/** One operator that was run. */
export class TapeNode {
  readonly name: string;
  readonly inputs: readonly (TapeNode | Tensor | undefined)[];
  #saved: readonly Tensor[] | undefined;
  readonly #backward: Backward;
  #owners = 0;

  constructor(
    name: string,
    inputs: readonly Tensor[],
    saved: readonly Tensor[],
    backward: Backward,
  ) {
    this.name = name;
    // An input is its own node, or a leaf, or of no interest.
    this.inputs = inputs.map((input) =>
      input.node?.share() ?? (input.requiresGrad ? input : undefined)
    );
    this.#saved = saved.map((tensor) => tensor.alias({ isOwned: false }));
    this.#backward = backward;
  }

  share(): this {
    this.#owners++;
    return this;
  }

  /** One owner less; the last one empties the node and leaves its inputs. */
  release(): void {
    // A list instead of recursion: graphs are deeper than the stack.
    const left: TapeNode[] = [this];
    for (let node = left.pop(); node; node = left.pop()) {
      invariant(node.#owners > 0, `release of freed node ${node.name}`);
      if (--node.#owners > 0) continue;
      node.empty();
      for (const input of node.inputs) {
        if (input instanceof TapeNode) left.push(input);
      }
    }
  }

  /** Frees what was saved. */
  empty(): void {
    for (const tensor of this.#saved ?? []) tensor.dispose();
    this.#saved = undefined;
  }

  /** Gradients of the inputs; undefined where none is wanted. */
  run(dOut: Tensor): (Tensor | undefined)[] {
    if (!this.#saved) {
      throw new FreedError(
        `Cannot run backward() through ${this.name} a second time: what it ` +
          "saved is freed after the first; pass { keepGraph: true } to it",
      );
    }
    const needs = this.inputs.map((input) => input !== undefined);
    return this.#backward(dOut, this.#saved, needs);
  }
}

/**
 * Puts an operator on the tape, if gradients are recorded and wanted.
 *
 * @param out its result
 * @param saved tensors its backward pass needs; `out` may be among them
 */
export function record(
  out: Tensor,
  inputs: readonly Tensor[],
  saved: readonly Tensor[],
  backward: Backward,
): Tensor {
  const isWanted = inputs.some((input) => input.requiresGrad);
  if (isWanted && currentContext().records) {
    out.attach(new TapeNode(out.label, inputs, saved, backward));
  }
  return out;
}
