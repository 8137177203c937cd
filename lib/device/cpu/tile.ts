/**
 * Register tiles of the matrix product, written as AssemblyScript: the module
 * `./tile` that lib/kernels/cpu/gemm.ts imports.
 *
 * A tile is a block of C that stays in registers while its rows of A and its
 * columns of B stream by. Which one is fastest depends on the number of
 * registers, on whether V8 checks every load against the end of the memory
 * and on whether it joins neighbouring vectors to 256 bits: choose_tile.ts
 * measures it.
 *
 * @module
 */

/** How one value of A comes to fill a vector. */
export type Spread =
  /** A load that repeats it: fewest instructions, one load a value. */
  | "splat"
  /** One load of four values and a shuffle for each: fewest loads. */
  | "shuffle"
  /**
   * As "shuffle", but in a form that V8's revectorizer joins to 256 bits even
   * where loads are checked: rows i and i + 2 are lane 0 of the widened halves
   * of one load.
   */
  | "halves";

/** A register tile. */
export interface Tile {
  /** Rows of A; a multiple of 4 unless values are "splat". */
  readonly rows: number;
  /** Columns of B, a multiple of 4. */
  readonly columns: number;
  /** Steps of k a turn of the loop. */
  readonly unroll: number;
  readonly spread: Spread;
}

/** What is tried, each with the machine that it is for. */
export const TILES: readonly Tile[] = [
  // 128-bit registers, loads checked: Deno as it comes.
  { rows: 4, columns: 8, unroll: 1, spread: "shuffle" },
  // 128-bit registers, loads free.
  { rows: 6, columns: 8, unroll: 1, spread: "splat" },
  // 32 registers of 128 bits: ARM.
  { rows: 8, columns: 8, unroll: 2, spread: "shuffle" },
  // 256-bit registers, loads checked: revectorizer alone.
  { rows: 8, columns: 8, unroll: 2, spread: "halves" },
  // 256-bit registers, loads free: both fast flags.
  { rows: 4, columns: 16, unroll: 2, spread: "splat" },
];

/** "4x8 shuffle", for people and file names. */
export function tileName({ rows, columns, unroll, spread }: Tile): string {
  return `${rows}x${columns} ${spread}${unroll > 1 ? ` x${unroll}` : ""}`;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/**
 * AssemblyScript text of a tile: MR, NR and
 * `tile(k, a, b, c, row, accumulate)`, C (MR, NR) = or += panels a (k, MR) and
 * b (k, NR); `row` is the bytes between rows of C.
 */
export function tileSource({ rows, columns, unroll, spread }: Tile): string {
  const vectors = range(columns / 4);
  const each = (line: (i: number, j: number) => string) =>
    range(rows).map((i) => vectors.map((j) => line(i, j)).join(" "));

  /** Adds one value of A (row i, in `name`) times a row of B. */
  const multiply = (u: number, i: number, name: string) =>
    vectors.map((j) =>
      `c${i}_${j} = f32x4.relaxed_madd(${name}, b${u}_${j}, c${i}_${j});`
    );
  const spreads: Record<Spread, (u: number) => string[]> = {
    splat: (u) =>
      range(rows).flatMap((i) => [
        `x = v128.load32_splat(a, ${4 * (u * rows + i)});`,
        ...multiply(u, i, "x"),
      ]),
    shuffle: (u) =>
      range(rows).flatMap((i) => {
        const lane = i % 4, lanes = `${lane}, ${lane}, ${lane}, ${lane}`;
        return [
          lane > 0 ? "" : `y = v128.load(a, ${4 * (u * rows + i)});`,
          `x = v128.shuffle<f32>(y, y, ${lanes});`,
          ...multiply(u, i, "x"),
        ];
      }),
    halves: (u) =>
      range(rows / 4).flatMap((group) => [
        `y = v128.load(a, ${4 * (u * rows + 4 * group)});`,
        "low = i64x2.extend_low_i32x4_u(y);",
        "high = i64x2.extend_high_i32x4_u(y);",
        ...[0, 1].flatMap((i) => {
          const lanes = `${2 * i}, ${2 * i}, ${2 * i}, ${2 * i}`;
          return [
            `x = v128.shuffle<f32>(low, low, ${lanes});`,
            `y = v128.shuffle<f32>(high, high, ${lanes});`,
            ...multiply(u, 4 * group + i, "x"),
            ...multiply(u, 4 * group + i + 2, "y"),
          ];
        }),
      ]),
  };
  const step = (u: number) => [
    ...vectors.map((j) =>
      `const b${u}_${j} = v128.load(b, ${4 * (u * columns + 4 * j)});`
    ),
    ...spreads[spread](u),
  ];
  const loop = (steps: number) => [
    `for (; k >= ${steps}; k -= ${steps}) {`,
    ...range(steps).flatMap(step),
    `a += ${4 * rows * steps}; b += ${4 * columns * steps};`,
    "}",
  ];
  // The revectorizer starts from sums of two vectors that it can join. Integer
  // addition is one; the sums go to C, which is overwritten after.
  const seeds = spread !== "halves" ? [] : [
    "let seed = i32x4.splat(0);",
    ...range(rows).filter((i) => i % 4 < 2).flatMap((i) =>
      vectors.map((j) =>
        `seed = v128.xor(seed, i32x4.add(c${i}_${j}, c${i + 2}_${j}));`
      )
    ),
  ];
  const add = each((i, j) =>
    `c${i}_${j} = f32x4.add(v128.load(p, ${16 * j}), c${i}_${j});`
  );
  const store = each((i, j) => `v128.store(p, c${i}_${j}, ${16 * j});`);
  return [
    `export const MR: i32 = ${rows};`,
    `export const NR: i32 = ${columns};`,
    "export function tile(",
    "k: i32, a: usize, b: usize, c: usize, row: usize, accumulate: bool,",
    "): void {",
    "let x: v128, y: v128, low: v128, high: v128;",
    ...each((i, j) => `let c${i}_${j} = f32x4.splat(0);`),
    ...loop(unroll),
    ...(unroll > 1 ? loop(1) : []),
    ...seeds,
    "let p = c;",
    `if (accumulate) { ${add.join("\np += row;\n")} }`,
    seeds.length > 0 ? "v128.store(c, seed);" : "",
    "p = c;",
    store.join("\np += row;\n"),
    "}",
  ].join("\n");
}
