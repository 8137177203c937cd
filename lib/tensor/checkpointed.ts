/**
 * Gradient checkpointing: a part of a model saves its input alone and computes
 * everything else again when its gradient is asked for. Memory of a deep model
 * falls from all activations to those of one part, for one forward pass more
 * (Chen et al., 2016, arXiv 1604.06174).
 *
 * @module
 */
import { backward } from "./backward.ts";
import { currentContext, noGrad, withContext } from "./context.ts";
import { scoped } from "./scope.ts";
import { TapeNode } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * `fn(x)`, with nothing of its inside saved. Parameters that `fn` uses get
 * their gradients as usual; the result and all gradients are those of `fn(x)`
 * to the bit.
 *
 * @param fn gives the same result when it is called again: no state, no random
 * numbers without a fixed seed
 */
export function checkpointed(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  if (!currentContext().records) return fn(x);
  const out = noGrad(() => scoped(() => fn(x), "checkpointed"));
  if (out === x) return x;
  // On the tape whether or not x needs a gradient: parameters inside may.
  out.attach(
    new TapeNode("checkpointed", [x], [x], (dOut, [x], [isWanted]) => {
      const input = x!.alias();
      input.requiresGrad = isWanted!;
      const again = withContext({ records: true }, () => fn(input));
      if (again.node) backward(again, { gradient: dOut });
      const dX = input.grad;
      input.grad = undefined; // it outlives the input
      return [dX];
    }),
  );
  return out;
}
