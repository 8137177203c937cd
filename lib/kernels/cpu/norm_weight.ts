/**
 * Gradient of the weight of a normalisation; see lib/kernels/norm_weight.ts. An
 * item is 16 columns, a cache line of every row, of one chunk of rows.
 * AssemblyScript.
 */
import { fma4 } from "./math";

const CHUNK: i32 = 128;
const COLUMNS: i32 = 16;

/** (x - mean) scale of four columns. */
// @ts-ignore: decorator
@inline
function normal(p: usize, mean: v128, scale: v128, isCentred: bool): v128 {
  const x = v128.load(p);
  return f32x4.mul(isCentred ? f32x4.sub(x, mean) : x, scale);
}

// @ts-ignore: decorator
@inline
function weights(
  x: usize,
  means: usize,
  scales: usize,
  dY: usize,
  partial: usize,
  sizes: usize,
  begin: i32,
  end: i32,
  isCentred: bool,
): void {
  const rows = load<i32>(sizes), cols = load<i32>(sizes, 4);
  const blocks = (cols + COLUMNS - 1) / COLUMNS;
  const bytes = (cols as usize) << 2;
  for (let item = begin; item < end; item++) {
    const column = (item % blocks) * COLUMNS, chunk = item / blocks;
    const first = chunk * CHUNK, stop = min(rows, first + CHUNK);
    const to = partial + ((chunk * cols + column as usize) << 2);
    let at = (first * cols + column as usize) << 2;
    if (column + COLUMNS <= cols) {
      let a = f32x4.splat(0), b = a, c = a, d = a;
      for (let row = first; row < stop; row++) {
        const place = (row as usize) << 2;
        const s = v128.load32_splat(scales + place);
        const m = isCentred ? v128.load32_splat(means + place) : s;
        const p = x + at, q = dY + at;
        a = fma4(normal(p, m, s, isCentred), v128.load(q), a);
        b = fma4(normal(p + 16, m, s, isCentred), v128.load(q, 16), b);
        c = fma4(normal(p + 32, m, s, isCentred), v128.load(q, 32), c);
        d = fma4(normal(p + 48, m, s, isCentred), v128.load(q, 48), d);
        at += bytes;
      }
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, d, 48);
      continue;
    }
    for (let i = column; i < cols; i++) {
      const offset = (i - column as usize) << 2;
      let from = at + offset;
      let sum: f32 = 0;
      for (let row = first; row < stop; row++) {
        const place = (row as usize) << 2;
        const m: f32 = isCentred ? load<f32>(means + place) : 0;
        const y = (load<f32>(x + from) - m) * load<f32>(scales + place);
        sum += y * load<f32>(dY + from);
        from += bytes;
      }
      store<f32>(to + offset, sum);
    }
  }
}

export function rmsNormBackwardWeight(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  weights(
    load<usize>(args),
    0,
    load<usize>(args, 4),
    load<usize>(args, 8),
    load<usize>(args, 12),
    args + 16,
    begin,
    end,
    false,
  );
}

export function layerNormBackwardWeight(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  weights(
    load<usize>(args),
    load<usize>(args, 4),
    load<usize>(args, 8),
    load<usize>(args, 12),
    load<usize>(args, 16),
    args + 20,
    begin,
    end,
    true,
  );
}
