/**
 * How fast the kernels of a Llama are on one way of computing, beside what that
 * way can do at best: products and attention by arithmetic, the others by
 * memory (Williams et al., 2009, "Roofline").
 *
 * Operations and bytes are those that the formula needs, each number read and
 * written once; a kernel that does more looks slower for it.
 *
 * @module
 */
import { bestSeconds, measureRoofline, type Roofline } from "../device/mod.ts";
import {
  add,
  attention,
  matmul,
  ones,
  randomNormal,
  rmsNorm,
  scoped,
  softmax,
  type Tensor,
} from "../tensor/mod.ts";
import { DeviceError } from "../util/mod.ts";
import type { MachineWay } from "./machine_ways.ts";
import { measurePeakFlops } from "./peak_flops.ts";

/** One kernel at one size. */
export interface KernelSpeed {
  /** "product 256", "attention 1024". */
  readonly kernel: string;
  /** Floating-point operations of a call. */
  readonly flops: number;
  /** Bytes that a call must read and write. */
  readonly bytes: number;
  /** Of a call, the best of some rounds. */
  readonly seconds: number;
}

/** What one way of computing does with kernels. */
export interface WaySpeed {
  /** Name of the way. */
  readonly way: string;
  /** The best that was seen of it. */
  readonly limits: Roofline;
  readonly kernels: readonly KernelSpeed[];
}

/** Knobs of {@linkcode measureKernels}. */
export interface MeasureKernelsOptions {
  /** Seconds for each kernel; 0.25. */
  readonly seconds?: number;
  /** Size of the tensors of kernels that wait for memory, MB; 64. */
  readonly megabytes?: number;
  /** Rows of the largest product, and positions of the longest attention; 1024. */
  readonly largest?: number;
}

/** A kernel that can be measured. */
interface KernelCase extends Omit<KernelSpeed, "seconds"> {
  /** Makes its inputs; what comes back runs it once. */
  readonly prepare: (way: MachineWay) => () => Tensor;
}

const ROUNDS = 5;
/** Calls of a round at most: a queue of launches has an end. */
const MAX_REPEATS = 2000;
/** Sizes of products and attentions, as far as the knob lets them. */
const SIZES = [64, 256, 1024, 2048] as const;
const HEADS = 8;
const HEAD_SIZE = 64;
/** Numbers in a row that is normalised, the width of TTL-160m. */
const COLUMNS = 768;

/** 2n³ operations on three matrices of n x n. */
function productCase(n: number): KernelCase {
  return {
    kernel: `product ${n}`,
    flops: 2 * n ** 3,
    bytes: 3 * 4 * n ** 2,
    prepare: ({ device, precision }) => {
      const x = randomNormal([n, n], { device, seed: 0 });
      return () => matmul(x, x, { precision });
    },
  };
}

/** Half of two products of (T, D) with (D, T), in each head; q, k, v and out. */
function attentionCase(T: number): KernelCase {
  const shape = [1, T, HEADS, HEAD_SIZE];
  return {
    kernel: `attention ${T}`,
    flops: 2 * HEADS * HEAD_SIZE * T ** 2,
    bytes: 4 * 4 * HEADS * HEAD_SIZE * T,
    prepare: ({ device }) => {
      const [q, k, v] = [0, 1, 2].map((seed) =>
        randomNormal(shape, { device, seed })
      );
      return () => attention(q!, k!, v!);
    },
  };
}

/** Kernels that read each number and write one, with a few operations each. */
function streamCases(megabytes: number): KernelCase[] {
  const rows = Math.max(1, Math.round(megabytes * 1e6 / 4 / COLUMNS));
  const count = rows * COLUMNS;
  const stream = (
    kernel: string,
    flopsEach: number,
    bind: (x: Tensor) => () => Tensor,
  ): KernelCase => ({
    kernel,
    flops: flopsEach * count,
    bytes: 2 * 4 * count,
    prepare: ({ device }) => bind(ones([rows, COLUMNS], { device })),
  });
  return [
    stream("x + 1", 1, (x) => () => add(x, 1)),
    stream("RMSNorm", 4, (x) => {
      const weight = ones([COLUMNS], { device: x.device });
      return () => rmsNorm(x, weight, 1e-5);
    }),
    stream("softmax", 5, (x) => () => softmax(x)), // max, minus, exp, sum, divide
  ];
}

/** Times one kernel; its inputs live as long as that. */
function measureCase(
  way: MachineWay,
  { prepare, ...about }: KernelCase,
  seconds: number,
): Promise<KernelSpeed> {
  const { device } = way;
  return scoped(async () => {
    const run = prepare(way);
    const call = () => scoped(run).dispose();
    call(); // compiles
    const once = await bestSeconds(device, call, { rounds: 2 });
    const repeats = Math.min(MAX_REPEATS, Math.ceil(seconds / ROUNDS / once));
    const rounds = ROUNDS;
    return {
      ...about,
      seconds: await bestSeconds(device, call, { repeats, rounds }),
    };
  }, "kernel speed");
}

/** What a GPU says of itself by its plainest kernels, where it has a clock. */
async function gpuLimits({ device }: MachineWay): Promise<Roofline[]> {
  if (!device.gpu) return [];
  try {
    return [await measureRoofline(device)];
  } catch (error) {
    if (error instanceof DeviceError) return []; // no timestamps
    throw error;
  }
}

/**
 * Measures products, attention and three kernels that wait for memory, and the
 * limits of the way: of arithmetic the fastest product (on a GPU also bare
 * multiply-adds), of memory the fastest kernel on large tensors (on a GPU also
 * a copy). Takes `seconds` for each of some ten kernels and needs three times
 * `megabytes` of memory meanwhile.
 *
 * @param onKernel is told the name of each kernel before it is measured
 */
export async function measureKernels(
  way: MachineWay,
  { seconds = 0.25, megabytes = 64, largest = 1024 }: MeasureKernelsOptions =
    {},
  onKernel: (kernel: string) => void = () => {},
): Promise<WaySpeed> {
  const sizes = SIZES.filter((size) => size <= largest);
  const measure = async (cases: readonly KernelCase[]) => {
    const speeds: KernelSpeed[] = [];
    for (const one of cases) {
      onKernel(one.kernel);
      speeds.push(await measureCase(way, one, seconds));
    }
    return speeds;
  };
  const streams = await measure(streamCases(megabytes));
  const products = await measure(sizes.map(productCase));
  const attentions = await measure(
    sizes.filter((size) => size > SIZES[0]).map(attentionCase),
  );
  const peak = await measurePeakFlops(way.device, way);
  const roofs = await gpuLimits(way);
  const kernels = [...products, ...attentions, ...streams];
  return {
    way: way.name,
    limits: {
      bytesPerSecond: Math.max(
        ...streams.map(({ bytes, seconds }) => bytes / seconds),
        ...roofs.map(({ bytesPerSecond }) => bytesPerSecond),
      ),
      flopsPerSecond: Math.max(
        peak,
        ...kernels.map(({ flops, seconds }) => flops / seconds),
        ...roofs.map(({ flopsPerSecond }) => flopsPerSecond),
      ),
    },
    kernels,
  };
}
