/**
 * The random numbers of NumPy's `RandomState`: the Mersenne Twister (Matsumoto
 * and Nishimura 1998) seeded by one word, and `randint` by masks. With them a
 * published bootstrap can be repeated draw for draw.
 */
const SIZE = 624, PERIOD = 397;

/** MT19937: 32-bit words after `seed`. */
function* mersenneTwister(seed: number): Generator<number, never> {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1]!;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  while (true) {
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) |
        (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + PERIOD) % SIZE]! ^ (y >>> 1) ^
        (y & 1 ? 0x9908b0df : 0);
    }
    for (const word of state) {
      let y = word ^ (word >>> 11);
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      yield (y ^ (y >>> 18)) >>> 0;
    }
  }
}

/** `np.random.seed(seed)`, then `count` times `np.random.choice(n, n)`. */
export function legacyResamples(
  n: number,
  count: number,
  seed: number,
): Int32Array[] {
  const words = mersenneTwister(seed);
  const mask = 2 ** Math.ceil(Math.log2(n)) - 1;
  const draw = () => {
    while (true) {
      const index = words.next().value & mask;
      if (index < n) return index;
    }
  };
  return Array.from(
    { length: count },
    () => Int32Array.from({ length: n }, draw),
  );
}
