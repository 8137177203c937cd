/**
 * Rows of tables by index; see lib/kernels/embedding.ts. An item is a row of
 * the result, and a column of the tables for the gradient. AssemblyScript.
 */

export function embedding(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args), ids = load<usize>(args, 4);
  const count = load<i32>(args, 12), vocab = load<u32>(args, 20);
  const bytes = load<usize>(args, 16) << 2;
  for (let row = begin; row < end; row++) {
    const id = load<u32>(ids + ((row % count as usize) << 2));
    const to = load<usize>(args, 8) + (row as usize) * bytes;
    const from = weight + ((row / count as u32) * vocab + id as usize) * bytes;
    if (id < vocab) memory.copy(to, from, bytes);
    else memory.fill(to, 0, bytes);
  }
}

export function embeddingBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const ids = load<usize>(args);
  const count = load<i32>(args, 12), vocab = load<u32>(args, 20);
  const bytes = load<usize>(args, 16) << 2;
  const first = (begin as usize) << 2, size = (end - begin as usize) << 2;
  const tables = load<i32>(args, 24);
  for (let table = 0; table < tables; table++) {
    const dY = load<usize>(args, 4) + (table * count as usize) * bytes;
    const dWeight = load<usize>(args, 8) +
      ((table as u32) * vocab as usize) * bytes;
    for (let v: u32 = 0; v < vocab; v++) {
      memory.fill(dWeight + (v as usize) * bytes + first, 0, size);
    }
    for (let n = 0; n < count; n++) {
      const id = load<u32>(ids + ((n as usize) << 2));
      if (id >= vocab) continue;
      const from = dY + (n as usize) * bytes + first;
      const to = dWeight + (id as usize) * bytes + first;
      let i: usize = 0;
      for (; i + 16 <= size; i += 16) {
        v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
      }
      for (; i < size; i += 4) {
        store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
      }
    }
  }
}
