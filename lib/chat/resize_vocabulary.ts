/**
 * Room for new tokens in a trained model, as TeenyTinyLlama's chat model has
 * two more than its base.
 *
 * @module
 */
import { Llama } from "../model/mod.ts";
import { ConfigError } from "../util/mod.ts";

/**
 * A copy of a model with more tokens; the new rows of the embedding and of the
 * head are fresh (normal with `initializerRange`, as in transformers then).
 *
 * @returns a model of its own; the given one stays
 * @throws {ConfigError} when the vocabulary would shrink
 */
export async function withVocabulary(
  model: Llama,
  vocabSize: number,
  { seed = 0 }: { readonly seed?: number } = {},
): Promise<Llama> {
  if (vocabSize < model.config.vocabSize) {
    throw new ConfigError(
      `Cannot shrink a vocabulary of ${model.config.vocabSize} to ${vocabSize}`,
    );
  }
  const config = { ...model.config, vocabSize };
  const larger = Llama.create(config, { seed, device: model.device });
  for (const [name, parameter] of model.parameters) {
    const target = larger.parameter(name);
    const data = await target.data();
    data.set(await parameter.data());
    target.write(data);
  }
  return larger;
}
