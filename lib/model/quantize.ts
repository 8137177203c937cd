/**
 * A model with weights of 8 or 4 bits, for generation: a quarter or an eighth
 * of the memory that a token waits for. Weights are rounded to the nearest;
 * nothing is calibrated on text.
 *
 * @module
 */
import { QUANTIZED_STEP } from "../kernels/mod.ts";
import {
  cast,
  isQuantized,
  keep,
  noGrad,
  type QuantizedDType,
  scoped,
  type Tensor,
} from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { Llama } from "./llama.ts";

/** How a parameter is stored; undefined where it stays as it is. */
function storageOf(
  name: string,
  { config, parameters }: Llama,
  dtype: QuantizedDType,
): QuantizedDType | "bfloat16" | undefined {
  const { shape } = parameters.get(name)!;
  if (shape.length !== 2) return undefined;
  if (name === "model.embed_tokens.weight") return "bfloat16";
  if (shape[1]! % QUANTIZED_STEP !== 0) return undefined;
  return name === "lm_head.weight" && !config.tieWordEmbeddings
    ? "int8"
    : dtype;
}

/**
 * The model with the matrices of its blocks in 8 or 4 bits, 128 weights a scale
 * (kernels/quantized.ts). The head, which decides between tokens, is stored in
 * 8 bits and the embedding, of which a token reads one row, as bfloat16; so is
 * a head that is tied to it. Such a model is not trained; `saveLlama` and
 * `loadLlama` keep its bits.
 *
 * @param model taken over: its tensors are freed one by one
 * @throws {ConfigError} when it is quantized already
 *
 * @example
 * ```ts
 * using model = quantizeLlama(await loadLlama(folder), "int4");
 * ```
 */
export function quantizeLlama(model: Llama, dtype: QuantizedDType): Llama {
  const { config, device } = model;
  for (const [name, tensor] of model.parameters) {
    if (!isQuantized(tensor.dtype)) continue;
    throw new ConfigError(
      `Cannot quantize the model to ${dtype}: "${name}" is ${tensor.dtype}`,
    );
  }
  const parameters = new Map<string, Tensor>();
  try {
    for (const [name, tensor] of model.parameters) {
      const stored = storageOf(name, model, dtype) ?? tensor.dtype;
      const made = scoped(() => noGrad(() => cast(tensor, stored)));
      parameters.set(name, keep(made));
      tensor.dispose();
    }
    return new Llama(config, parameters, device);
  } catch (error) {
    for (const tensor of parameters.values()) tensor.dispose();
    throw error;
  } finally {
    model.dispose();
  }
}
