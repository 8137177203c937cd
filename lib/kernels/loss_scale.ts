/**
 * Dynamic loss scale of mixed precision (Micikevicius et al., 2018, arXiv
 * 1710.03740, section 3.2), with the rule of PyTorch's GradScaler. The loss was
 * multiplied by s before backward, n is the global norm of what came out:
 *
 *     n finite:  u = 1 / s,  n ← n / s,  cᵢ ← βᵢ cᵢ + (1 - βᵢ),  r ← r + 1,
 *                and at r = interval:  s ← min(growth s, most),  r ← 0
 *     else:      u = 0,  s ← backoff s,  r ← 0,  one more is skipped
 *
 * The update multiplies gradients by u, and u = 0 tells it to leave everything
 * as it is. As t updates were made, cᵢ is 1 - βᵢᵗ, AdamW's correction, which
 * must not count the steps that were skipped. All of it stays on the device: no
 * step waits for the host to look at its gradients.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { UPDATE_NUMBERS } from "./adamw.ts";

/** What the buffer `numbers` holds, in this order. */
export const LOSS_SCALE_NUMBERS = [
  ...UPDATE_NUMBERS,
  "scale",
  "streak",
  "skipped",
  "skippedInRow",
] as const;

/**
 * By name: `norm` n of the true gradients (of the scaled ones where it is not
 * finite), `unscale` u, `correction1` and `correction2` c, `rate` η, which the
 * rule leaves alone, `scale` the s that the step had, `streak` r, and steps that
 * were `skipped`, in all and `skippedInRow` up to now.
 */
export type LossScaleNumbers = Record<
  typeof LOSS_SCALE_NUMBERS[number],
  number
>;

/** Numbers of the rule. */
export interface LossScaleRule {
  /** β₁ and β₂ of the optimizer. */
  readonly betas: readonly [number, number];
  readonly growth: number;
  readonly backoff: number;
  /** Finite steps after which the scale grows. */
  readonly interval: number;
  /** Highest scale. */
  readonly most: number;
}

/** The rule in plain steps: the numbers and the scale after a norm. */
export function lossScaleReference(
  before: LossScaleNumbers,
  scale: number,
  norm: number,
  { betas, growth, backoff, interval, most }: LossScaleRule,
): { readonly numbers: LossScaleNumbers; readonly scale: number } {
  if (!Number.isFinite(norm)) {
    const numbers = {
      ...before,
      ...{ norm, scale, unscale: 0, streak: 0 },
      skipped: before.skipped + 1,
      skippedInRow: before.skippedInRow + 1,
    };
    return { numbers, scale: scale * backoff };
  }
  const correction = (c: number, beta: number) => beta * c + (1 - beta);
  const grows = before.streak + 1 >= interval;
  const numbers = {
    ...before,
    norm: norm / scale,
    unscale: 1 / scale,
    correction1: correction(before.correction1, betas[0]),
    correction2: correction(before.correction2, betas[1]),
    scale,
    streak: grows ? 0 : before.streak + 1,
    skippedInRow: 0,
  };
  return { numbers, scale: grows ? Math.min(scale * growth, most) : scale };
}

const lossScaleKernel = defineKernel({
  name: "lossScale",
  buffers: { numbers: "write f32", scale: "write f32" },
  params: {
    beta1: "f32",
    beta1Rest: "f32",
    beta2: "f32",
    beta2Rest: "f32",
    growth: "f32",
    backoff: "f32",
    interval: "f32",
    most: "f32",
  },
  workgroupSize: 1,
  cpu: {
    family: "loss_scale",
    source: `export function lossScale(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const numbers = load<usize>(args), at = load<usize>(args, 4);
  const norm = load<f32>(numbers), scale = load<f32>(at);
  const streak = load<f32>(numbers, 24) + 1;
  store<f32>(numbers, scale, 20);
  if (!isFinite<f32>(norm)) {
    store<f32>(numbers, 0, 4);
    store<f32>(numbers, 0, 24);
    store<f32>(numbers, load<f32>(numbers, 28) + 1, 28);
    store<f32>(numbers, load<f32>(numbers, 32) + 1, 32);
    store<f32>(at, scale * load<f32>(args, 28));
    return;
  }
  store<f32>(numbers, norm / scale);
  store<f32>(numbers, 1 / scale, 4);
  for (let i: usize = 0; i < 8; i += 4) {
    const beta = load<f32>(args + 2 * i, 8), rest = load<f32>(args + 2 * i, 12);
    store<f32>(numbers + i, beta * load<f32>(numbers + i, 8) + rest, 8);
  }
  const grows = streak >= load<f32>(args, 32);
  store<f32>(numbers, grows ? 0 : streak, 24);
  store<f32>(numbers, 0, 32);
  if (grows) {
    store<f32>(at, min<f32>(scale * load<f32>(args, 24), load<f32>(args, 36)));
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  if (group > 0u) { return; }
  let s = scale[0];
  let streak = numbers[6] + 1.0;
  numbers[5] = s;
  // By its bits: WGSL may assume that there is no infinity.
  if ((bitcast<u32>(numbers[0]) & 0x7f800000u) == 0x7f800000u) {
    numbers[1] = 0.0;
    numbers[6] = 0.0;
    numbers[7] += 1.0;
    numbers[8] += 1.0;
    scale[0] = s * p.backoff;
    return;
  }
  numbers[0] /= s;
  numbers[1] = 1.0 / s;
  numbers[2] = p.beta1 * numbers[2] + p.beta1Rest;
  numbers[3] = p.beta2 * numbers[3] + p.beta2Rest;
  let grows = streak >= p.interval;
  numbers[6] = select(streak, 0.0, grows);
  numbers[8] = 0.0;
  if (grows) { scale[0] = min(s * p.growth, p.most); }
}`,
});

/**
 * Goes on by one step.
 *
 * @param buffers `numbers` (9), whose first is the norm of the scaled
 * gradients, and `scale` (1); both change
 */
export function lossScale(
  device: Device,
  buffers: Record<"numbers" | "scale", DeviceBuffer>,
  { betas: [beta1, beta2], ...rule }: LossScaleRule,
): void {
  device.run(lossScaleKernel, buffers, {
    beta1,
    beta1Rest: 1 - beta1,
    beta2,
    beta2Rest: 1 - beta2,
    ...rule,
  }, { groups: 1, items: 1, work: 1 });
}
