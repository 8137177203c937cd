/**
 * What a kernel may know of the GPU it runs on, so that a variant can be
 * chosen without asking what the device is made of. The words are those of the
 * WebGPU specification; matrix units are Dawn's experimental subgroup matrices.
 *
 * @module
 */

/** A shape that the matrix units of a GPU multiply: (m, k) times (k, n). */
export interface MatrixUnit {
  /** Type of the factors. */
  readonly input: "f16" | "f32";
  /** Type of sums and results. */
  readonly result: "f16" | "f32";
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Abilities and limits of a GPU. */
export interface GpuFacts {
  /** "nvidia", "amd", "intel", "apple", …, in lower case; "" when unknown. */
  readonly vendor: string;
  /** Whether WGSL may use the type f16. */
  readonly hasF16: boolean;
  /** Bytes of memory that a workgroup may share. */
  readonly workgroupBytes: number;
  /** Invocations that a workgroup may have. */
  readonly workgroupSize: number;
  /** Buffers that a kernel may bind; WebGPU promises eight. */
  readonly storageBuffers: number;
  /** Most invocations that run in step. */
  readonly subgroupSize: number;
  /** Shapes of the matrix units; empty when there are none. */
  readonly matrixUnits: readonly MatrixUnit[];
}

/** Choices between variants of a kernel, measured on this very device. */
export interface Tuning {
  /**
   * The name of the fastest variant for `key`, if it is known. If it is not,
   * `measure` runs during the next `sync` or `read` of the device, and what it
   * resolves to is kept for later runs.
   */
  choose(key: string, measure: () => Promise<string>): string | undefined;
}
