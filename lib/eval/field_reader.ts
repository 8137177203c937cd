/**
 * Reads the fields of a task file one by one, so that those left over are known
 * and nothing that somebody wrote is passed over in silence.
 *
 * @module
 */
import { FormatError, nearNames } from "../util/mod.ts";

/** Fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keys that change no score. */
const FOREIGN = [
  ...["group", "tag", "task_alias", "dataset_name", "metadata"],
  ...["should_decontaminate", "doc_to_decontamination_query"],
];

/** Keys that may only say what is done anyway. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  repeats: [1],
  "generation_kwargs.do_sample": [false],
  "generation_kwargs.temperature": [0, null],
  "generation_kwargs.top_k": [null],
  "generation_kwargs.top_p": [null],
  "fewshot_config.sampler_config.exclude_from_task": [true, false],
};

/** Reads fields one by one, so that those left over are known. */
export class FieldReader {
  readonly #path: string;
  readonly #prefix: string;
  readonly #left: Map<string, unknown>;

  constructor(path: string, fields: unknown, prefix = "") {
    this.#path = path;
    this.#prefix = prefix;
    if (
      typeof fields !== "object" || fields === null || Array.isArray(fields)
    ) {
      throw new FormatError(
        `Cannot use ${path}: ${prefix || "it"} is no list of fields`,
      );
    }
    this.#left = new Map(Object.entries(fields));
  }

  fail(why: string): never {
    throw new FormatError(`Cannot use ${this.#path}: ${why}`);
  }

  take(key: string): unknown {
    const value = this.#left.get(key);
    this.#left.delete(key);
    return value;
  }

  /** A field of a kind, or what holds without it. */
  #typed<T>(
    key: string,
    what: string,
    is: (value: unknown) => value is T,
  ): T | undefined {
    const value = this.take(key);
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    this.fail(
      `${this.#prefix}${key} is ${JSON.stringify(value)}, wanted ${what}`,
    );
  }

  text(key: string): string | undefined {
    return this.#typed(key, "a text", (x) => typeof x === "string");
  }

  count(key: string): number | undefined {
    return this.#typed(
      key,
      "a whole number",
      (x): x is number => Number.isInteger(x) && (x as number) >= 0,
    );
  }

  list(key: string): readonly unknown[] | undefined {
    return this.#typed(key, "a list", (x) => Array.isArray(x));
  }

  /** A record within, empty where it is missing. */
  within(key: string): FieldReader {
    const path = `${this.#prefix}${key}`;
    return new FieldReader(this.#path, this.take(key) ?? {}, `${path}.`);
  }

  /** One of a few words. */
  oneOf<T extends string>(key: string, words: readonly T[]): T | undefined {
    const text = this.text(key);
    const found = words.find((word) => word === text);
    if (text === undefined || found) return found;
    const [near] = nearNames(text, words);
    this.fail(
      `${this.#prefix}${key} is "${text}"` +
        (near ? `, the nearest is "${near}"` : "") +
        `: there are ${words.join(", ")}`,
    );
  }

  /**
   * Refuses what is left and changes scores.
   *
   * @returns what is left and changes none
   */
  end(known: readonly string[]): string[] {
    const ignored: string[] = [];
    for (const [key, value] of this.#left) {
      const path = this.#prefix + key;
      if (FOREIGN.includes(path) || FIXED[path]?.includes(value)) {
        ignored.push(path);
        continue;
      }
      if (path in FIXED) {
        this.fail(
          `${path} is ${JSON.stringify(value)}, which is not done here`,
        );
      }
      const [near] = nearNames(key, known);
      this.fail(
        `there is no field "${path}"` +
          (near ? `, the nearest is "${near}"` : ""),
      );
    }
    return ignored;
  }
}
