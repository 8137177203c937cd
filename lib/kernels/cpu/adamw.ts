/**
 * AdamW and the global norm; see lib/kernels/adamw.ts. An item is an element
 * of the update and a chunk of the sum of squares. AssemblyScript.
 */
import { fma4, sum4 } from "./math";

export function sumOfSquares(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), sums = load<usize>(args, 4);
  const size = load<i32>(args, 8), chunk = load<i32>(args, 12);
  const offset = load<i32>(args, 16);
  for (let item = begin; item < end; item++) {
    const first = item * chunk, last = min(size, first + chunk);
    let i = first;
    let a = f32x4.splat(0), b = a;
    for (; i + 8 <= last; i += 8) {
      const p = x + ((i as usize) << 2);
      const u = v128.load(p), v = v128.load(p, 16);
      a = fma4(u, u, a);
      b = fma4(v, v, b);
    }
    let sum = sum4(f32x4.add(a, b));
    for (; i < last; i++) {
      const v = load<f32>(x + ((i as usize) << 2));
      sum += v * v;
    }
    store<f32>(sums + ((offset + item as usize) << 2), sum);
  }
}

export function rootOfSum(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const sums = load<usize>(args), size = load<i32>(args, 8);
  let total: f64 = 0;
  for (let i = 0; i < size; i++) total += load<f32>(sums + ((i as usize) << 2));
  store<f32>(load<usize>(args, 4), sqrt<f64>(total) as f32);
}

export function adamw(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const grad = load<usize>(args), weight = load<usize>(args, 8);
  const m = load<usize>(args, 12), v = load<usize>(args, 16);
  const norm = load<f32>(load<usize>(args, 4));
  const beta1 = v128.load32_splat(args, 24);
  const beta1Rest = v128.load32_splat(args, 28);
  const beta2 = v128.load32_splat(args, 32);
  const beta2Rest = v128.load32_splat(args, 36);
  const eps = v128.load32_splat(args, 40), keep = v128.load32_splat(args, 44);
  const stepSize = v128.load32_splat(args, 48);
  const rootCorrection = v128.load32_splat(args, 52);
  const clip = load<f32>(args, 56);
  const scale = f32x4.splat(min<f32>(1, clip / (norm + 1e-6)));
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    const g = f32x4.mul(v128.load(grad + at), scale);
    const m1 = fma4(beta1, v128.load(m + at), f32x4.mul(beta1Rest, g));
    const square = f32x4.mul(f32x4.mul(beta2Rest, g), g);
    const v1 = fma4(beta2, v128.load(v + at), square);
    v128.store(m + at, m1);
    v128.store(v + at, v1);
    const root = fma4(f32x4.sqrt(v1), rootCorrection, eps);
    const move = f32x4.div(f32x4.mul(stepSize, m1), root);
    const kept = f32x4.mul(v128.load(weight + at), keep);
    v128.store(weight + at, f32x4.sub(kept, move));
  }
}
