/**
 * Reverse-mode differentiation over the tape.
 *
 * @module
 */
import { accumulate, binary } from "../kernels/mod.ts";
import { formatShape, ShapeError } from "../util/mod.ts";
import { noGrad } from "./context.ts";
import { full } from "./create.ts";
import { keep, scoped } from "./scope.ts";
import { TapeNode } from "./tape.ts";
import { Tensor } from "./tensor.ts";

/** Nodes from the result back, each after all that use it. */
function backwardOrder(root: TapeNode): TapeNode[] {
  const order: TapeNode[] = [];
  const seen = new Set([root]);
  // Depth first without recursion: graphs are deeper than the stack.
  const stack = [{ node: root, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    if (top.next === top.node.inputs.length) {
      order.push(top.node);
      stack.pop();
      continue;
    }
    const input = top.node.inputs[top.next++];
    if (!(input instanceof TapeNode) || seen.has(input)) continue;
    seen.add(input);
    stack.push({ node: input, next: 0 });
  }
  return order.reverse();
}

/**
 * a + b, in the memory of one that nobody else has, or else in new one; what is
 * not the result is disposed.
 */
function addGradients(a: Tensor, b: Tensor): Tensor {
  if (a.isShared && !b.isShared) return addGradients(b, a);
  const { device, shape, size } = a;
  const buffer = (x: Tensor) => x.bufferFor("backward()");
  if (!a.isShared) {
    accumulate(device, { x: buffer(b), y: buffer(a) }, size);
    b.dispose();
    return keep(a);
  }
  const sum = keep(Tensor.empty(device, shape, { label: "gradient" }));
  const buffers = { x: buffer(a), y: buffer(b), result: buffer(sum) };
  binary(device, "add", buffers, size, { xSize: size, ySize: size });
  a.dispose();
  b.dispose();
  return sum;
}

/** Gradients of a node's inputs, each a tensor of its own without an owner. */
function inputGradients(node: TapeNode, dOut: Tensor): (Tensor | undefined)[] {
  const taken = new Set([dOut]);
  const results = noGrad(() => scoped(() => node.run(dOut), node.name));
  return results.map((gradient) => {
    if (!gradient) return undefined;
    // An operator may return one tensor twice, or dOut itself.
    if (taken.has(gradient)) return gradient.alias({ isOwned: false });
    taken.add(gradient);
    return keep(gradient);
  });
}

/**
 * Computes the gradient of `loss` for every tensor with `requiresGrad` that it
 * was made from, and adds it to their `grad`.
 *
 * @param options.gradient gradient of the loss itself; 1 without it
 * @param options.keepGraph keeps what the tape saved, for a second call
 * @throws {ShapeError} when the loss has more than one element and no
 * `gradient` is given
 * @throws {FreedError} when the tape was used already
 */
export function backward(
  loss: Tensor,
  { gradient, keepGraph = false }: { gradient?: Tensor; keepGraph?: boolean } =
    {},
): void {
  loss.bufferFor("backward()");
  if (loss.size !== 1 && !gradient) {
    throw new ShapeError(
      `Cannot run backward() from a tensor ${formatShape(loss.shape)}: ` +
        "the loss has one element, or { gradient } is given",
    );
  }
  if (!loss.node) {
    throw new ShapeError(
      `Cannot run backward() from "${loss.label}": nothing it was made from ` +
        "has requiresGrad, or it was made under noGrad()",
    );
  }
  const start = gradient?.alias({ isOwned: false }) ??
    keep(full(loss.shape, 1, { device: loss.device }));
  const gradients = new Map<TapeNode, Tensor>([[loss.node, start]]);
  try {
    for (const node of backwardOrder(loss.node)) {
      using dOut = gradients.get(node);
      if (dOut) passBack(node, dOut, gradients);
      gradients.delete(node);
      if (!keepGraph) node.empty();
    }
  } finally {
    for (const left of gradients.values()) left.dispose(); // after an error
  }
}

/** Adds the gradients of a node's inputs to those of their nodes or leaves. */
function passBack(
  node: TapeNode,
  dOut: Tensor,
  gradients: Map<TapeNode, Tensor>,
): void {
  for (const [i, dInput] of inputGradients(node, dOut).entries()) {
    const input = node.inputs[i];
    if (!dInput || !input) continue;
    const old = input instanceof TapeNode ? gradients.get(input) : input.grad;
    const total = old ? addGradients(old, dInput) : dInput;
    if (input instanceof TapeNode) gradients.set(input, total);
    else input.grad = total;
  }
}
