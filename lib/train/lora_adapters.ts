/**
 * LoRA of a whole Llama: small matrices beside the large ones, trained while
 * these stand still, and added to them at the end (lib/nn/lora.ts has the
 * formula). Files are those of Hugging Face's PEFT.
 *
 * @module
 */
import { join } from "node:path";
import {
  type Llama,
  loadTensors,
  SafetensorsFile,
  tensorSources,
  writeSafetensors,
} from "../model/mod.ts";
import type { LowRankChange } from "../nn/mod.ts";
import {
  add,
  keep,
  matmul,
  mul,
  noGrad,
  randomNormal,
  scoped,
  type Tensor,
  zeros,
} from "../tensor/mod.ts";
import { ConfigError, FormatError, readJson, writeJson } from "../util/mod.ts";

/** Matrices of a block that can be changed, as Hugging Face names them. */
export const LORA_TARGETS = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** What is changed, and how much. */
export interface LoraOptions {
  /** r, 8 without it. */
  readonly rank?: number;
  /** α: the change is scaled by α / r; 16 without it. */
  readonly alpha?: number;
  /** All of {@linkcode LORA_TARGETS} without it (QLoRA, arXiv 2305.14314). */
  readonly targets?: readonly LoraTarget[];
  /** Seed of the first weights, 0. */
  readonly seed?: number;
}

/** Changes of a model; owns them. */
export class LoraAdapters implements Disposable {
  readonly options: Required<LoraOptions>;
  /** By the name of the parameter that they change, for `Llama.forward`. */
  readonly changes: ReadonlyMap<string, LowRankChange>;

  /**
   * Changes that are zero yet: `up` is zero, `down` random.
   *
   * @throws {ConfigError} when the rank is no whole number from 1, α is not
   * positive, or there are no targets or unknown ones
   */
  constructor(model: Llama, options: LoraOptions = {}) {
    this.options = checkLora({
      rank: 8,
      alpha: 16,
      targets: LORA_TARGETS,
      seed: 0,
      ...options,
    });
    const { rank, alpha, targets, seed } = this.options;
    const changes = new Map<string, LowRankChange>();
    const { device } = model;
    for (const [name, { shape }] of model.parameters) {
      if (!targets.some((target) => name.endsWith(`.${target}.weight`))) {
        continue;
      }
      const [outSize, inSize] = shape as [number, number];
      // The deviation of PEFT's uniform draw from ±1/√in.
      const down = randomNormal([rank, inSize], {
        ...{ device, seed, requiresGrad: true, std: 1 / Math.sqrt(3 * inSize) },
        ...{ stream: `lora ${name}`, label: `${name} lora_A` },
      });
      const up = zeros([outSize, rank], {
        ...{ device, requiresGrad: true, label: `${name} lora_B` },
      });
      const scale = alpha / rank;
      changes.set(name, { down: keep(down), up: keep(up), scale });
    }
    this.changes = changes;
  }

  /** What is trained, by PEFT's names. */
  get parameters(): Map<string, Tensor> {
    const all = new Map<string, Tensor>();
    for (const [name, { down, up }] of this.changes) {
      const stem = `base_model.model.${name.replace(/\.weight$/, "")}`;
      all.set(`${stem}.lora_A.weight`, down);
      all.set(`${stem}.lora_B.weight`, up);
    }
    return all;
  }

  /** Adds the changes to the weights of the model, for use without them. */
  async mergeInto(model: Llama): Promise<void> {
    for (const [name, { down, up, scale }] of this.changes) {
      const weight = model.parameter(name);
      await scoped(async () => {
        const sum = noGrad(() => add(weight, mul(matmul(up, down), scale)));
        weight.write(await sum.data());
      }, "LoraAdapters.mergeInto");
    }
  }

  /** Writes `adapter_config.json` and `adapter_model.safetensors`. */
  async save(folder: string): Promise<void> {
    const { rank, alpha, targets } = this.options;
    await writeSafetensors(
      join(folder, "adapter_model.safetensors"),
      tensorSources(this.parameters),
      { metadata: { format: "pt" } },
    );
    const config = {
      ...{ peft_type: "LORA", r: rank, lora_alpha: alpha, lora_dropout: 0 },
      ...{ target_modules: targets, bias: "none", task_type: "CAUSAL_LM" },
    };
    await writeJson(join(folder, "adapter_config.json"), config);
  }

  /**
   * Reads what {@linkcode LoraAdapters.save} or PEFT wrote.
   *
   * @throws {DataError} when a file is missing
   * @throws {FormatError} when it is damaged, another kind of change, or for
   * another model
   */
  static async load(folder: string, model: Llama): Promise<LoraAdapters> {
    const options = await readLoraConfig(join(folder, "adapter_config.json"));
    const adapters = new LoraAdapters(model, options);
    try {
      using file = await SafetensorsFile.open(
        join(folder, "adapter_model.safetensors"),
      );
      await loadTensors(file, adapters.parameters);
      return adapters;
    } catch (error) {
      adapters[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const { down, up } of this.changes.values()) {
      down.dispose();
      up.dispose();
    }
  }
}

function checkLora(options: Required<LoraOptions>): Required<LoraOptions> {
  const { rank, alpha, targets } = options;
  const unknown = targets.find((target) => !LORA_TARGETS.includes(target));
  const wrong = !Number.isSafeInteger(rank) || rank < 1
    ? `rank ${rank} is no whole number from 1`
    : !(alpha > 0 && alpha < Infinity)
    ? `alpha ${alpha} is not positive`
    : targets.length === 0
    ? "there are no targets"
    : unknown !== undefined
    ? `there is no target "${unknown}", there are ${LORA_TARGETS.join(", ")}`
    : undefined;
  if (wrong) throw new ConfigError(`Cannot make LoRA adapters: ${wrong}`);
  return options;
}

async function readLoraConfig(path: string): Promise<LoraOptions> {
  const json = await readJson<Record<string, unknown>>(
    path,
    "the settings of LoRA adapters",
  );
  const fail = (why: string): never => {
    throw new FormatError(`Cannot read ${path}: ${why}`);
  };
  const { peft_type, r, lora_alpha, target_modules } = json;
  if (peft_type !== "LORA") fail(`peft_type is ${peft_type}, wanted LORA`);
  for (const field of ["use_dora", "use_rslora"]) {
    if (json[field] === true) fail(`${field} is not supported`);
  }
  if (!Array.isArray(target_modules)) fail("target_modules is no list");
  return {
    rank: r as number,
    alpha: lora_alpha as number,
    targets: target_modules as LoraTarget[],
  };
}
