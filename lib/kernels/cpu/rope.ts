/**
 * Rotary position embedding; see lib/kernels/rope.ts. An item is one head of
 * one token. AssemblyScript.
 */
import { fma4 } from "./math";

export function rope(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const angles = load<usize>(args, 4);
  const time = load<i32>(args, 16), heads = load<i32>(args, 20);
  const half = load<i32>(args, 24), start = load<i32>(args, 28);
  const direction = load<f32>(args, 32);
  const bytes = (half as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * 2 * bytes;
    const y = load<usize>(args, 8) + (row as usize) * 2 * bytes;
    const t = start + (row / heads) % time;
    const table = angles + (t as usize) * 2 * bytes;
    for (let i: usize = 0; i < whole; i += 16) {
      const p = v128.load(table + 2 * i), q = v128.load(table + 2 * i, 16);
      const cos = v128.shuffle<f32>(p, q, 0, 2, 4, 6);
      const sin = f32x4.mul(
        v128.shuffle<f32>(p, q, 1, 3, 5, 7),
        f32x4.splat(direction),
      );
      const a = v128.load(x + i), b = v128.load(x + bytes + i);
      v128.store(y + i, fma4(b, f32x4.neg(sin), f32x4.mul(a, cos)));
      v128.store(y + bytes + i, fma4(a, sin, f32x4.mul(b, cos)));
    }
    for (let i = whole; i < bytes; i += 4) {
      const cos = load<f32>(table + 2 * i);
      const sin = load<f32>(table + 2 * i, 4) * direction;
      const a = load<f32>(x + i), b = load<f32>(x + bytes + i);
      store<f32>(y + i, a * cos - b * sin);
      store<f32>(y + bytes + i, b * cos + a * sin);
    }
  }
}
