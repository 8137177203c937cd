/**
 * Strided copies; see lib/kernels/strided.ts. An item is one element; runs
 * along the last axis are walked without divisions. AssemblyScript.
 */

/** Word of the size of an axis, 0 the innermost; its stride comes next. */
// @ts-ignore: decorator
@inline
function axisWord(args: usize, axis: i32): usize {
  return args + 20 + ((axis as usize) << 3);
}

/** Address, in elements, of element i. */
function place(args: usize, i: i32): i32 {
  const axes = load<i32>(args, 16);
  let rest = i, at = load<i32>(args, 12);
  for (let axis = 0; axis < axes; axis++) {
    const word = axisWord(args, axis);
    const n = load<i32>(word);
    at += (rest % n) * load<i32>(word, 4);
    rest /= n;
  }
  return at;
}

export function gatherStrided(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const inner = axisWord(args, 0);
  const run = load<i32>(inner);
  const step = (load<i32>(inner, 4) as usize) << 2;
  let i = begin;
  while (i < end) {
    const stop = min(end, i + run - i % run);
    let from = x + ((place(args, i) as usize) << 2);
    let to = y + ((i as usize) << 2);
    if (step == 4) {
      memory.copy(to, from, ((stop - i) as usize) << 2);
      i = stop;
    }
    for (; i < stop; i++) {
      store<u32>(to, load<u32>(from));
      from += step;
      to += 4;
    }
  }
}

export function scatterStrided(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const inner = axisWord(args, 0);
  const run = load<i32>(inner);
  const step = (load<i32>(inner, 4) as usize) << 2;
  let i = begin;
  while (i < end) {
    const stop = min(end, i + run - i % run);
    let from = x + ((i as usize) << 2);
    let to = y + ((place(args, i) as usize) << 2);
    if (step == 4) {
      memory.copy(to, from, ((stop - i) as usize) << 2);
      i = stop;
    }
    for (; i < stop; i++) {
      store<u32>(to, load<u32>(from));
      from += 4;
      to += step;
    }
  }
}
