/**
 * Compiled kernels and bind groups, made once and kept.
 *
 * @module
 */
import { type BufferRole, type Kernel, wgslModule } from "../kernel.ts";
import type { GpuBuffer } from "./buffers.ts";
import type { Checks } from "./checks.ts";

/** Bind groups that are kept; above that all are dropped and made again. */
const MAX_BIND_GROUPS = 8192;

/** A compiled kernel. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly id: number;
  /** Bytes of the parameter struct, a multiple of 16. */
  readonly paramBytes: number;
}

/** Source with line numbers, for a compile error. */
function numbered(source: string): string {
  return source.split("\n")
    .map((line, i) => `${String(i + 1).padStart(4)} ${line}`).join("\n");
}

function compile(
  device: GPUDevice,
  { name, params, buffers }: Kernel,
  code: string,
): [GPUBindGroupLayout, GPUComputePipeline] {
  const visibility = GPUShaderStage.COMPUTE;
  const layout = device.createBindGroupLayout({
    label: name,
    entries: [
      {
        binding: 0,
        visibility,
        buffer: {
          hasDynamicOffset: true,
          minBindingSize: Object.keys(params).length * 4,
        },
      },
      ...Object.values<BufferRole>(buffers).map((role, i) => ({
        binding: i + 1,
        visibility,
        buffer: {
          type: role.startsWith("read ")
            ? "read-only-storage" as const
            : "storage" as const,
        },
      })),
    ],
  });
  const pipeline = device.createComputePipeline({
    label: name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: {
      module: device.createShaderModule({ label: name, code }),
      entryPoint: "main",
    },
  });
  return [layout, pipeline];
}

/** Cache of one device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #params: GPUBuffer;
  readonly #checks: Checks;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #groups = new Map<string, GPUBindGroup>();

  /** @param params buffer that holds the parameters of many launches */
  constructor(device: GPUDevice, params: GPUBuffer, checks: Checks) {
    this.#device = device;
    this.#params = params;
    this.#checks = checks;
  }

  /** The compiled kernel. */
  get(kernel: Kernel): Pipeline {
    const known = this.#pipelines.get(kernel.name);
    if (known) return known;
    const code = wgslModule(kernel);
    const words = Object.keys(kernel.params).length;
    const paramBytes = Math.ceil(words / 4) * 16;
    const [layout, pipeline] = this.#checks.around(
      "validation",
      (why) =>
        `Cannot compile kernel "${kernel.name}": ${why}\n${numbered(code)}`,
      () => compile(this.#device, kernel, code),
    );
    const entry = { pipeline, layout, id: this.#pipelines.size, paramBytes };
    this.#pipelines.set(kernel.name, entry);
    return entry;
  }

  /** The bind group of a kernel with these buffers in declared order. */
  bind(
    { id, layout, paramBytes }: Pipeline,
    buffers: readonly GpuBuffer[],
  ): GPUBindGroup {
    let key = `${id}`;
    for (const buffer of buffers) key += `,${buffer.id}`;
    const known = this.#groups.get(key);
    if (known) return known;
    if (this.#groups.size >= MAX_BIND_GROUPS) this.#groups.clear();
    const group = this.#device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer: this.#params, size: paramBytes } },
        ...buffers.map((buffer, i) => ({
          binding: i + 1,
          resource: { buffer: buffer.raw },
        })),
      ],
    });
    this.#groups.set(key, group);
    return group;
  }
}
