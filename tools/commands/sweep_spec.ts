/**
 * A sweep as a YAML file: the fields of `SweepSpec`, numbers as people type
 * them, and a single value where a list has only one.
 *
 *     depths: [1, 2, 3, 4]
 *     tokens: [250k, 500k, 1M]
 *     seeds: 0
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import {
  ConfigError,
  FormatError,
  messageOf,
  readShardManifest,
  readText,
  resolveSweep,
  type SweepSpec,
} from "../../lib/mod.ts";
import { parseQuantity } from "./quantity.ts";

/** Fields of one value; all others are lists. */
const SCALARS = [
  ...["batchSize", "contextLength", "vocabSize", "heldOutTokens"],
  ...["corpusSeed", "shards", "slurmWattsPerRun"],
];

/** A number, also one with a unit: "1M". */
function valueOf(value: unknown): unknown {
  return typeof value === "string"
    ? parseQuantity(value, "count") ?? value
    : value;
}

/**
 * A sweep with the vocabulary of its shards, before any folder is made.
 *
 * @throws {ConfigError} when it names another
 */
async function withVocabulary(
  spec: SweepSpec,
  shards: string,
): Promise<SweepSpec> {
  const { vocabSize } = (await readShardManifest(shards)).tokenizer;
  if (spec.vocabSize !== undefined && spec.vocabSize !== vocabSize) {
    throw new ConfigError(
      `Cannot sweep over ${shards} with vocabSize ${spec.vocabSize}: its ` +
        `tokenizer has ${vocabSize} pieces, which hold without vocabSize`,
    );
  }
  const whole = { ...spec, vocabSize };
  resolveSweep(whole);
  return whole;
}

/**
 * Reads a sweep and checks it.
 *
 * @throws {FormatError} when the file is not YAML or no list of fields
 * @throws {ConfigError} naming the field that is wrong
 */
export async function readSweepSpec(path: string): Promise<SweepSpec> {
  const text = await readText(path, "a sweep");
  let fields: unknown;
  try {
    fields = parse(text) ?? {};
  } catch (error) {
    const [reason] = messageOf(error).split("\n"); // the others quote the file
    throw new FormatError(`Cannot read the sweep ${path}: ${reason}`);
  }
  if (typeof fields !== "object" || Array.isArray(fields)) {
    throw new FormatError(
      `Cannot read the sweep ${path}: wanted fields such as "depths: [1, 2]"`,
    );
  }
  const spec = Object.fromEntries(
    Object.entries(fields as object).map(([name, value]) => {
      if (name === "shards" && typeof value === "string") {
        return [name, resolve(dirname(path), value)]; // as seen from the file
      }
      const isList = Array.isArray(value);
      if (SCALARS.includes(name)) return [name, valueOf(value)];
      return [name, isList ? value.map(valueOf) : [valueOf(value)]];
    }),
  ) as SweepSpec;
  const { shards } = spec;
  try {
    if (shards !== undefined) return await withVocabulary(spec, shards);
    resolveSweep(spec);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${path}: ${messageOf(error)}`);
  }
  return spec;
}
