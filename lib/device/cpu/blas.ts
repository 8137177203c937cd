/**
 * The system's BLAS, called through FFI on the memory of the kernels.
 *
 * Every thread of the pool calls it for its own share of a product, so the
 * library is held to one thread: its own threads would wait actively and take
 * the processors from ours. All go through the Fortran name `sgemm_`, which
 * every BLAS has; it takes addresses, and those of shared memory never move.
 *
 * CADERNO_BLAS is a path or name of the library, or "off". Without it a few
 * well-known names are tried, and without the permission for FFI nothing.
 *
 * A BLAS picks its order of sums by the sizes of a share, so the last bits of a
 * product may change with the number of threads; those of our own kernel do
 * not.
 *
 * @module
 */
import { DeviceError, messageOf } from "../../util/mod.ts";

/** A BLAS that was found. */
export interface Blas {
  /** What the loader opens. */
  readonly path: string;
  /** "OpenBLAS 0.3.21", for people. */
  readonly name: string;
}

/**
 * C = or += A B by BLAS; `words` as lib/kernels/cpu/gemm.ts writes them.
 *
 * @returns 1, or 0 when there is no BLAS
 */
export type Sgemm = (words: number, a: number, b: number, c: number) => number;

/** For devices without a BLAS. */
export const noBlas: Sgemm = () => 0;

/** Names under which the loader may know a BLAS, the fastest first. */
const PATHS: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: [
    ...["libmkl_rt.so.2", "libmkl_rt.so"],
    ...["libopenblas.so.0", "libopenblas.so"],
    ...["libblis.so.4", "libblis.so"],
  ],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
  windows: ["mkl_rt.2.dll", "libopenblas.dll"],
};

const setter = { result: "void", optional: true } as const;
const SYMBOLS = {
  // transB, transA, n, m, k, alpha, b, rowB, a, rowA, beta, c, rowC
  sgemm_: {
    parameters: Array<"usize">(13).fill("usize"),
    result: "void",
  },
  // How each library is held to one thread; Accelerate needs no such call.
  MKL_Set_Num_Threads: { parameters: ["i32"], ...setter },
  openblas_set_num_threads: { parameters: ["i32"], ...setter },
  bli_thread_set_num_threads: { parameters: ["isize"], ...setter },
  openblas_get_config: { parameters: [], result: "pointer", optional: true },
} as const;

/** Opens a library and tells what it is. */
function openBlas(path: string): Blas {
  const { symbols } = Deno.dlopen(path, SYMBOLS);
  let name = path.replace(/^.*[\\/]/, "");
  if (symbols.MKL_Set_Num_Threads) {
    name = "MKL";
    symbols.MKL_Set_Num_Threads(1);
  } else if (symbols.openblas_set_num_threads) {
    // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"
    const config = symbols.openblas_get_config?.() ?? null;
    name = config
      ? new Deno.UnsafePointerView(config).getCString()
        .split(" ").slice(0, 2).join(" ")
      : "OpenBLAS";
    symbols.openblas_set_num_threads(1);
  } else if (symbols.bli_thread_set_num_threads) {
    name = "BLIS";
    symbols.bli_thread_set_num_threads(1n);
  }
  return { path, name };
}

/**
 * Looks for a BLAS as CADERNO_BLAS says, or by name.
 *
 * @throws {DeviceError} when the one that CADERNO_BLAS names cannot be used
 */
export function findBlas(): Blas | undefined {
  const wanted = Deno.env.get("CADERNO_BLAS");
  if (wanted === "off") return undefined;
  if (wanted) {
    try {
      return openBlas(wanted);
    } catch (error) {
      throw new DeviceError(
        `Cannot use CADERNO_BLAS=${wanted}: ${messageOf(error)}; it is "off" ` +
          "or a library with the function sgemm_",
      );
    }
  }
  for (const path of PATHS[Deno.build.os] ?? []) {
    const { state } = Deno.permissions.querySync({ name: "ffi", path });
    if (state !== "granted") continue; // and do not ask
    try {
      return openBlas(path);
    } catch {
      // Not installed: try the next.
    }
  }
  return undefined;
}

/** The product function of one thread on this memory. */
export function bindBlas(
  blas: Blas | undefined,
  memory: WebAssembly.Memory,
): Sgemm {
  if (!blas) return noBlas;
  const { sgemm_: call } = Deno.dlopen(blas.path, SYMBOLS).symbols;
  const start = Deno.UnsafePointer.of(new Uint8Array(memory.buffer));
  const base = Deno.UnsafePointer.value(start);
  const addressOf = (offset: number) => base + BigInt(offset >>> 0);
  // Bigints alone take the fast way into the library: 35 ns instead of 320.
  // Those of the words are made once, since a thread's scratch stays in place.
  let place = -1;
  let at: bigint[] = [];
  return (words, a, b, c) => {
    if (words !== place) {
      at = Array.from({ length: 10 }, (_, i) => addressOf(words + 4 * i));
      place = words;
    }
    // Rows of ours are columns of Fortran's: Cᵀ (n, m) = Bᵀ (n, k) Aᵀ (k, m).
    call(
      at[7]!,
      at[6]!,
      at[1]!,
      at[0]!,
      at[2]!,
      at[8]!,
      addressOf(b),
      at[4]!,
      addressOf(a),
      at[3]!,
      at[9]!,
      addressOf(c),
      at[5]!,
    );
    return 1;
  };
}
