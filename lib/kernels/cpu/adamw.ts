/**
 * AdamW and the global norm; see lib/kernels/adamw.ts. An item is an element
 * of the update, where every tensor begins at a multiple of four, and a chunk
 * of the sum of squares. AssemblyScript.
 */
import { fma4, sum4 } from "./math";

/** SQUARES of lib/kernels/adamw.ts. */
const SQUARES: i32 = 7;

/** Sum of the squares of n elements. */
function squares(x: usize, n: i32): f32 {
  let i = 0;
  let a = f32x4.splat(0), b = a;
  for (; i + 8 <= n; i += 8) {
    const p = x + ((i as usize) << 2);
    const u = v128.load(p), v = v128.load(p, 16);
    a = fma4(u, u, a);
    b = fma4(v, v, b);
  }
  let sum = sum4(f32x4.add(a, b));
  for (; i < n; i++) {
    const v = load<f32>(x + ((i as usize) << 2));
    sum += v * v;
  }
  return sum;
}

export function sumOfSquares(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const sizes = args + ((SQUARES as usize) + 1 << 2);
  const chunk = load<i32>(sizes + ((SQUARES as usize) << 2));
  const offset = load<i32>(sizes + ((SQUARES as usize) + 1 << 2));
  const sums = load<usize>(args + ((SQUARES as usize) << 2)) +
    ((offset as usize) << 2);
  let before = 0; // chunks of the tensors before
  for (let s = 0; s < SQUARES; s++) {
    const word = (s as usize) << 2;
    const x = load<usize>(args + word), size = load<i32>(sizes + word);
    const chunks = (size + chunk - 1) / chunk;
    for (
      let item = max(begin, before);
      item < min(end, before + chunks);
      item++
    ) {
      const first = (item - before) * chunk;
      const sum = squares(
        x + ((first as usize) << 2),
        min(chunk, size - first),
      );
      store<f32>(sums + ((item as usize) << 2), sum);
    }
    before += chunks;
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
  const numbers = load<usize>(args, 4);
  const norm = sqrt<f64>(total) as f32;
  store<f32>(numbers, norm);
  store<f32>(numbers, isFinite<f32>(norm) ? 1 : 0, 4);
}

/** Updates elements of one tensor, whose buffers lie at `buffers`. */
function update(
  buffers: usize,
  numbers: usize,
  share: f32,
  stepWidth: f32,
  root: f32,
  kept: f32,
  begin: i32,
  end: i32,
): void {
  const grad = load<usize>(buffers), weight = load<usize>(buffers, 4);
  const m = load<usize>(buffers, 8), v = load<usize>(buffers, 12);
  const beta1 = v128.load32_splat(numbers);
  const beta1Rest = v128.load32_splat(numbers, 4);
  const beta2 = v128.load32_splat(numbers, 8);
  const beta2Rest = v128.load32_splat(numbers, 12);
  const eps = v128.load32_splat(numbers, 16);
  const stepSize = f32x4.splat(stepWidth), rootCorrection = f32x4.splat(root);
  const keep = f32x4.splat(kept);
  const scale = f32x4.splat(share);
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    const g = f32x4.mul(v128.load(grad + at), scale);
    const m1 = fma4(beta1, v128.load(m + at), f32x4.mul(beta1Rest, g));
    const square = f32x4.mul(f32x4.mul(beta2Rest, g), g);
    const v1 = fma4(beta2, v128.load(v + at), square);
    v128.store(m + at, m1);
    v128.store(v + at, v1);
    const length = fma4(f32x4.sqrt(v1), rootCorrection, eps);
    const move = f32x4.div(f32x4.mul(stepSize, m1), length);
    const rest = f32x4.mul(v128.load(weight + at), keep);
    v128.store(weight + at, f32x4.sub(rest, move));
  }
}

/** Words: numbers, four buffers a tensor, six parameters, sizes, decays. */
// @ts-ignore: decorator
@inline
function updates(args: usize, count: i32, begin: i32, end: i32): void {
  const params = args + ((1 + 4 * count as usize) << 2);
  const sizes = params + 24, decays = sizes + ((count as usize) << 2);
  const numbers = load<usize>(args);
  const unscale = load<f32>(numbers, 4);
  if (unscale == 0) return; // not finite: nothing changes
  const clip = load<f32>(params, 20) / (load<f32>(numbers) + 1e-6);
  const share = unscale * min<f32>(1, clip);
  const rate = load<f32>(numbers, 16);
  const stepSize = rate / load<f32>(numbers, 8);
  const root: f32 = 1 / sqrt<f32>(load<f32>(numbers, 12));
  let before = 0;
  for (let s = 0; s < count; s++) {
    const word = (s as usize) << 2;
    const items = load<i32>(sizes + word) + 3 & ~3;
    update(
      args + 4 + (word << 2),
      params,
      share,
      stepSize,
      root,
      1 - rate * load<f32>(decays + word),
      max(begin - before, 0),
      min(end - before, items),
    );
    before += items;
  }
}

export function adamw1(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  updates(args, 1, begin, end);
}

export function adamw2(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  updates(args, 2, begin, end);
}
