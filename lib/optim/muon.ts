/**
 * Muon (Jordan et al., 2024, kellerjordan.github.io/posts/muon): the update of
 * a hidden matrix W (n, m) is its momentum made orthogonal, so that every
 * direction moves equally far.
 *
 *     g ← g min(1, clip / (‖g‖ + 1e-6))      ‖g‖ over all parameters
 *     B ← μ B + g
 *     O = orthogonalize(g + μ B)             Nesterov's momentum
 *     W ← W - η λ W - η 0.2 √max(n, m) O
 *
 * With the factor of Liu et al. (2025, arXiv 2502.16982, section 2.2) the
 * update's root mean square is that of AdamW, and both share learning rate and
 * decay. Embeddings, the head and vectors are left to AdamW: a hybrid.
 *
 * @module
 */
import {
  add,
  div,
  keep,
  matmul,
  minimum,
  mul,
  noGrad,
  reciprocal,
  reshape,
  scoped,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  zeros,
} from "../tensor/mod.ts";
import { ConfigError, formatShape, ShapeError } from "../util/mod.ts";
import { AdamW, type AdamWOptions, adamwSettings } from "./adamw.ts";
import { LossScale } from "./loss_scale.ts";
import {
  checkParameters,
  freeGradients,
  haveGradients,
  type Optimizer,
  overwrite,
} from "./optimizer.ts";
import { UpdateNumbers } from "./update_numbers.ts";

/** Newton-Schulz steps, and their coefficients: 1 x + 3 x³ + 5 x⁵. */
const STEPS = 5;
const [FIRST, THIRD, FIFTH] = [3.4445, -4.7750, 2.0315];
/** Update of AdamW, root of the mean square, that Muon's is scaled to. */
const ADAMW_RMS = 0.2;
/** Elements up to which matrices of one shape are made orthogonal together. */
const GROUP_ELEMENTS = 2 ** 20;

/** Matrices in the middle: neither the embedding nor the head. */
function isHiddenMatrix(name: string, { shape }: Tensor): boolean {
  return shape.length === 2 && !/embed|lm_head/.test(name);
}

/**
 * The nearest matrices with orthogonal rows or columns, roughly: singular
 * values move to 0.68 … 1.14 in five steps of
 *
 *     X ← a X + (b A + c A²) X,   A = X Xᵀ,   X₀ = M / ‖M‖
 *
 * on the smaller side, so A is XᵀX for a tall matrix.
 *
 * @param matrices (…, n, m), float32
 * @returns the same shape, off the tape
 * @throws {ShapeError} when it has fewer than two axes
 */
export function orthogonalize(matrices: Tensor): Tensor {
  const [n, m] = matrices.shape.slice(-2);
  if (n === undefined || m === undefined) {
    throw new ShapeError(
      `Cannot make ${formatShape(matrices.shape)} orthogonal: wanted (…, n, m)`,
    );
  }
  const isTall = n > m;
  const norm = () =>
    sqrt(sum(square(matrices), { axis: [-2, -1], keepAxes: true }));
  const towards = (x: Tensor) => {
    const gram = matmul(x, x, { transposeA: isTall, transposeB: !isTall });
    const terms = add(mul(gram, THIRD), mul(matmul(gram, gram), FIFTH));
    return add(mul(x, FIRST), isTall ? matmul(x, terms) : matmul(terms, x));
  };
  return noGrad(() =>
    scoped(() => {
      let x = scoped(() => div(matrices, add(norm(), 1e-7)));
      for (let step = 0; step < STEPS; step++) {
        using before = x;
        x = scoped(() => towards(before));
      }
      return x;
    }, "orthogonalize")
  );
}

/** Settings of Muon, and of AdamW for what it leaves. */
export interface MuonOptions extends AdamWOptions {
  /** μ, 0.95. */
  readonly momentum?: number;
  /**
   * Which parameters are hidden matrices (two axes); without it those whose
   * names speak neither of an embedding nor of `lm_head`.
   */
  readonly hidden?: (name: string, tensor: Tensor) => boolean;
}

/** A hidden matrix with what its update needs. */
interface Hidden {
  readonly weight: Tensor;
  readonly momentum: Tensor;
  /** λ, 0 for one that does not decay. */
  readonly weightDecay: number;
}

/** Matrices of one shape, as many together as the room allows. */
function* inGroups(matrices: readonly Hidden[]): Generator<Hidden[]> {
  const byShape = Map.groupBy(matrices, ({ weight }) => String(weight.shape));
  for (const alike of byShape.values()) {
    const { size } = alike[0]!.weight;
    const count = Math.max(1, Math.floor(GROUP_ELEMENTS / size));
    for (let i = 0; i < alike.length; i += count) {
      yield alike.slice(i, i + count);
    }
  }
}

/** Muon for hidden matrices, AdamW for the rest; owns their state. */
export class Muon implements Optimizer {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly state: ReadonlyMap<string, Tensor>;
  step = 0;
  readonly numbers: UpdateNumbers;
  readonly lossScale: LossScale | undefined;
  /** Names of the parameters that AdamW does not update. */
  readonly hiddenNames: readonly string[];
  readonly #hidden: readonly Hidden[];
  /** η of the step, a scalar. */
  readonly #rate: Tensor;
  readonly #rest: AdamW | undefined;
  readonly #momentum: number;
  readonly #clip: number;

  /**
   * @param parameters tensors with `requiresGrad`, all on one device
   * @throws {ConfigError} when a setting is out of range, or there is no
   * hidden matrix
   * @throws {DTypeError} when a parameter is not float32
   */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    {
      momentum = 0.95,
      hidden = isHiddenMatrix,
      lossScale,
      ...options
    }: MuonOptions = {},
  ) {
    const device = checkParameters(parameters, "Muon");
    const { weightDecay, clip, decays, beta1, beta2 } = adamwSettings(options);
    const matrices = [...parameters].filter(([name, x]) => hidden(name, x));
    const others = [...parameters].filter(([name, x]) => !hidden(name, x));
    const flat = matrices.find(([, { shape }]) => shape.length !== 2);
    const wrong = !(momentum >= 0 && momentum < 1)
      ? `momentum ${momentum} is not in [0, 1)`
      : flat
      ? `"${flat[0]}" ${formatShape(flat[1].shape)} is no matrix`
      : matrices.length === 0
      ? "there is no hidden matrix, AdamW alone would do"
      : undefined;
    if (wrong) throw new ConfigError(`Cannot make Muon: ${wrong}`);
    this.parameters = parameters;
    this.hiddenNames = matrices.map(([name]) => name);
    this.#momentum = momentum;
    this.#clip = clip;
    this.#hidden = matrices.map(([name, weight]) => {
      const label = `muon momentum ${name}`;
      return {
        weight,
        momentum: keep(zeros(weight.shape, { device, label })),
        weightDecay: decays(name, weight) ? weightDecay : 0,
      };
    });
    if (others.length > 0) this.#rest = new AdamW(new Map(others), options);
    const betas = [beta1, beta2] as const;
    this.lossScale = lossScale && new LossScale(device, betas, lossScale);
    this.numbers = this.lossScale ?? new UpdateNumbers(device, betas);
    this.#rate = keep(zeros([], { device, label: "learning rate" }));
    this.state = new Map([
      ...this.#hidden.map(({ momentum }, i) =>
        [`momentum.${this.hiddenNames[i]}`, momentum] as const
      ),
      ...this.#rest?.state ?? [],
      ...this.lossScale?.state ?? [],
    ]);
  }

  get gradientNorm(): Tensor {
    return this.numbers.gradientNorm;
  }

  update(learningRate: number): void {
    if (haveGradients(this.parameters)) this.begin(learningRate);
    this.apply();
  }

  begin(learningRate: number): void {
    this.numbers.begin(learningRate, ++this.step);
    this.#rate.write(Float32Array.of(learningRate));
  }

  apply(): void {
    const { unscale } = this.numbers;
    if (!this.numbers.measure(this.parameters.values())) return;
    const ready = this.#hidden.filter(({ weight }) => weight.grad);
    noGrad(() =>
      scoped(() => {
        const clipped = clippedShare(this.gradientNorm, this.#clip);
        const share = mul(unscale, clipped);
        for (const group of inGroups(ready)) {
          scoped(() => this.#move(group, share));
        }
      }, "Muon.apply")
    );
    this.#rest?.applyMeasured(this.numbers);
  }

  /** Updates matrices of one shape. */
  #move(group: readonly Hidden[], share: Tensor): void {
    /** Overwrites, unless the step is skipped. */
    const renew = (target: Tensor, updated: Tensor) =>
      overwrite(target, this.numbers.choose(updated, target));
    const directions = group.map(({ weight, momentum }) =>
      scoped(() => {
        const g = mul(weight.grad!, share);
        renew(momentum, add(mul(momentum, this.#momentum), g));
        return add(g, mul(momentum, this.#momentum));
      })
    );
    const [n, m] = group[0]!.weight.shape as [number, number];
    const length = mul(this.#rate, ADAMW_RMS * Math.sqrt(Math.max(n, m)));
    const moves = mul(orthogonalize(stack(directions, 0)), length);
    for (const [i, { weight, weightDecay }] of group.entries()) {
      scoped(() => {
        const move = reshape(slice(moves, 0, { start: i, end: i + 1 }), [n, m]);
        const kept = mul(weight, add(mul(this.#rate, -weightDecay), 1));
        renew(weight, sub(kept, move));
      });
    }
  }

  clearGradients(): void {
    freeGradients(this.parameters);
  }

  /** Frees the state. */
  [Symbol.dispose](): void {
    for (const { momentum } of this.#hidden) momentum.dispose();
    this.#rest?.[Symbol.dispose]();
    this.numbers[Symbol.dispose]();
    this.#rate.dispose();
  }
}

/** min(1, clip / (norm + 1e-6)), as kernels/adamw.ts has it. */
function clippedShare(norm: Tensor, clip: number): Tensor | number {
  if (clip === Infinity) return 1;
  return minimum(mul(reciprocal(add(norm, 1e-6)), clip), 1);
}
