/**
 * Matrices turned over; see lib/kernels/transpose.ts. An item is 16 columns of
 * a plane, a cache line of every row. A tile of 16 rows is turned in scratch
 * memory, so that every line of x and y is touched once: rows of a power of two
 * fall into the same places of the cache. AssemblyScript.
 */

const TILE: i32 = 16;

/** Four rows of four become four columns, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function turn(p: usize, rowBytes: usize, q: usize, step: usize): void {
  const a = v128.load(p), b = v128.load(p + rowBytes);
  const c = v128.load(p + 2 * rowBytes), d = v128.load(p + 3 * rowBytes);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(q, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5));
  v128.store(q + step, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
  v128.store(q + 2 * step, v128.shuffle<i32>(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(q + 3 * step, v128.shuffle<i32>(abHigh, cdHigh, 2, 3, 6, 7));
}

export function transposePlanes(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const rows = load<i32>(args, 12), cols = load<i32>(args, 16);
  const planeStride = load<i32>(args, 20), rowStride = load<i32>(args, 24);
  const x = load<usize>(args) + (load<usize>(args, 28) << 2);
  const across = (cols + TILE - 1) / TILE;
  const rowBytes = (rowStride as usize) << 2, step = (rows as usize) << 2;
  for (let item = begin; item < end; item++) {
    const plane = item / across, column = (item % across) * TILE;
    const width = min(TILE, cols - column);
    const from = x + ((plane * planeStride + column as usize) << 2);
    const to = load<usize>(args, 4) +
      (((plane * cols + column) * rows as usize) << 2);
    const whole = width == TILE ? rows & ~(TILE - 1) : 0;
    for (let r = 0; r < whole; r += TILE) {
      for (let i = 0; i < TILE; i += 4) {
        const p = from + (r + i as usize) * rowBytes;
        for (let c = 0; c < TILE; c += 4) {
          const q = scratch + ((c * TILE + i as usize) << 2);
          turn(p + ((c as usize) << 2), rowBytes, q, TILE << 2);
        }
      }
      for (let c = 0; c < TILE; c++) {
        const p = scratch + ((c * TILE as usize) << 2);
        const q = to + (c as usize) * step + ((r as usize) << 2);
        v128.store(q, v128.load(p));
        v128.store(q, v128.load(p, 16), 16);
        v128.store(q, v128.load(p, 32), 32);
        v128.store(q, v128.load(p, 48), 48);
      }
    }
    // What fills no tile.
    for (let c = 0; c < width; c++) {
      for (let r = whole; r < rows; r++) {
        const p = from + (r as usize) * rowBytes + ((c as usize) << 2);
        const q = to + (c as usize) * step + ((r as usize) << 2);
        store<u32>(q, load<u32>(p));
      }
    }
  }
}
