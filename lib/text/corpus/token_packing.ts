/**
 * From documents to a stream of tokens, in two ways by name.
 *
 * "continuous": each document with BOS in front, one after the other, nothing
 * lost. Where documents begin is kept, so that attention may stay inside.
 *
 * "ttl": as TTL's tokenize-dataset.py did. Documents (BOS in front, no EOS) of
 * a batch of 1,000 are joined, the last token of the batch is dropped, the rest
 * is cut into blocks, and what fills no block is dropped. Blocks and attention
 * cross documents.
 *
 * @module
 */
import { ConfigError } from "../../util/mod.ts";
import { IntList } from "../int_list.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { utf8Length } from "./document.ts";

/** How documents become tokens. */
export interface PackingOptions {
  /** Default "continuous". */
  readonly packing?: "continuous" | "ttl";
  /** Whether `<s>` begins each document (default true). */
  readonly bos?: boolean;
  /** Whether `</s>` ends each document (default false). */
  readonly eos?: boolean;
  /** Tokens of a block of "ttl" (2,048). */
  readonly blockLength?: number;
  /** Documents of a batch of "ttl" (1,000). */
  readonly batchDocuments?: number;
}

/** {@linkcode PackingOptions} with every default filled in. */
export type PackingSettings = Required<PackingOptions>;

/** Tokens that are ready. */
export interface PackedChunk {
  readonly tokens: Int32Array;
  /** Places among them where documents begin, ascending. */
  readonly starts: readonly number[];
  readonly documents: number;
  /** UTF-8 bytes of the text that the tokens stand for, about so for "ttl". */
  readonly bytes: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} when a length is not a whole number of at least 1
 */
export function packingSettings(options: PackingOptions): PackingSettings {
  const settings: PackingSettings = {
    packing: "continuous",
    bos: true,
    eos: false,
    blockLength: 2048,
    batchDocuments: 1000,
    ...options,
  };
  const { blockLength, batchDocuments } = settings;
  for (const [name, n] of Object.entries({ blockLength, batchDocuments })) {
    if (Number.isInteger(n) && n >= 1) continue;
    throw new ConfigError(
      `Cannot pack with ${name} ${n}: wanted a whole number from 1`,
    );
  }
  return settings;
}

/** Packs documents one by one. */
export class TokenPacker {
  readonly settings: PackingSettings;
  readonly #tokenizer: Tokenizer;
  /** The batch of "ttl" that is gathered. */
  readonly #tokens = new IntList(1 << 16);
  #starts: number[] = [];
  #bytes = 0;

  constructor(tokenizer: Tokenizer, options: PackingOptions = {}) {
    this.settings = packingSettings(options);
    this.#tokenizer = tokenizer;
  }

  /** Takes a document; gives tokens when some are ready. */
  push(text: string): PackedChunk | undefined {
    const { bos, eos, packing, batchDocuments } = this.settings;
    const ids = this.#tokenizer.encode(text, { bos, eos });
    const bytes = utf8Length(text);
    if (packing === "continuous") {
      return ids.length === 0
        ? undefined
        : { tokens: ids, starts: [0], documents: 1, bytes };
    }
    const tokens = this.#tokens;
    this.#starts.push(tokens.length);
    tokens.reserve(ids.length);
    tokens.data.set(ids, tokens.length);
    tokens.length += ids.length;
    this.#bytes += bytes;
    return this.#starts.length === batchDocuments ? this.#cut() : undefined;
  }

  /** What is left after the last document. */
  end(): PackedChunk | undefined {
    return this.#starts.length > 0 ? this.#cut() : undefined;
  }

  /** The batch as blocks. */
  #cut(): PackedChunk {
    const { blockLength } = this.settings;
    const all = this.#tokens;
    const length = blockLength *
      Math.floor(Math.max(0, all.length - 1) / blockLength);
    const starts = this.#starts.filter((start) => start < length);
    const chunk: PackedChunk = {
      tokens: all.data.slice(0, length),
      starts,
      documents: starts.length,
      bytes: Math.round(this.#bytes * length / Math.max(1, all.length)),
    };
    all.length = 0;
    this.#starts = [];
    this.#bytes = 0;
    return chunk;
  }
}
