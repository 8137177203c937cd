/**
 * The tokenizer: text to ids and back.
 *
 * As in Llama 2 a space is put before the text and every space becomes "▁";
 * what the alphabet lacks is spelled in UTF-8 bytes, and so is "▁" itself (other
 * programs take it for a space). No text is normalised, so
 * `decode(encode(x)) === x` for every well-formed string.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { BpeEncoder } from "./bpe_encoder.ts";
import type { BpeModel } from "./bpe_model.ts";
import { IntList } from "./int_list.ts";
import {
  type DecodeOptions,
  PieceBytes,
  StreamDecoder,
} from "./stream_decoder.ts";

/** What {@linkcode Tokenizer.encode} adds to the text or finds in it. */
export interface EncodeOptions {
  /** Puts the beginning token in front (default false). */
  readonly bos?: boolean;
  /** Puts the end token behind (default false). */
  readonly eos?: boolean;
  /**
   * Takes the names of special tokens in the text for the tokens themselves
   * (default false: text from outside must not be able to end a turn).
   */
  readonly allowSpecial?: boolean;
}

/**
 * A byte-fallback BPE tokenizer. It does not change; the cache inside only
 * makes repeated words fast.
 *
 * @example
 * ```ts
 * const tokenizer = trainBpe(["Era uma vez um gato."], { vocabSize: 300 });
 * tokenizer.decode(tokenizer.encode("um gato")); // "um gato"
 * ```
 */
export class Tokenizer {
  /** The data it is made of. */
  readonly model: BpeModel;
  readonly #encoder: BpeEncoder;
  readonly #pieceBytes: PieceBytes;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #cutAtSpecial: Cutter;
  readonly #cutAtSpaced: Cutter;
  readonly #out = new IntList(1024);

  /** @param model a valid model: `trainBpe` and `loadTokenizer` make one */
  constructor(model: BpeModel) {
    this.model = model;
    this.#encoder = new BpeEncoder(model);
    this.#pieceBytes = new PieceBytes(model);
    this.#ids = new Map(model.pieces.map((piece, id) => [piece, id]));
    const plainIds = model.specialIds.filter((id) =>
      !model.spacedIds.includes(id)
    );
    this.#cutAtSpecial = cutterAt(
      plainIds.map((id) => [model.pieces[id]!, id]),
    );
    this.#cutAtSpaced = cutterAt(
      model.spacedIds.map((id) => [` ${model.pieces[id]}`, id]),
    );
  }

  /** Number of ids: special tokens, bytes, alphabet and merged pieces. */
  get vocabSize(): number {
    return this.model.pieces.length;
  }

  /** Id of `<s>`, which begins a text. */
  get bosId(): number {
    return this.model.bosId;
  }

  /** Id of `</s>`, which ends a text. */
  get eosId(): number {
    return this.model.eosId;
  }

  /** Id of `<pad>`, which fills a batch. */
  get padId(): number {
    return this.model.padId;
  }

  /** Id of a piece ("▁casa", "<0x0A>", "<s>"), or undefined. */
  idOf(piece: string): number | undefined {
    return this.#ids.get(piece);
  }

  /**
   * Ids of a text, int32. A lone surrogate counts as U+FFFD.
   *
   * With `allowSpecial` each part between special tokens is a text of its own
   * with a space put before it, as the fast tokenizers of Hugging Face do; the
   * `spacedIds` of the model are looked for in these parts, with that space.
   */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const out = this.#out;
    out.length = 0;
    if (options.bos) out.push(this.bosId);
    const wellFormed = text.toWellFormed();
    if (options.allowSpecial) this.#encodeWithSpecial(wellFormed, out);
    else if (text !== "") this.#encoder.encodeInto(" " + wellFormed, out);
    if (options.eos) out.push(this.eosId);
    return out.toArray();
  }

  #encodeWithSpecial(text: string, out: IntList): void {
    for (const part of this.#cutAtSpecial(text)) {
      const pieces = typeof part === "number"
        ? [part]
        : this.#cutAtSpaced(" " + part);
      for (const piece of pieces) {
        if (typeof piece === "number") out.push(piece);
        else this.#encoder.encodeInto(piece, out);
      }
    }
  }

  /**
   * Text of ids. Special tokens are left out unless `skipSpecial` is false.
   *
   * @throws {DataError} when an id is not in the vocabulary
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const decoder = this.streamDecoder(options);
    return decoder.push(ids) + decoder.end();
  }

  /** A decoder that takes ids as they come. */
  streamDecoder(options: DecodeOptions = {}): StreamDecoder {
    return new StreamDecoder(this.#pieceBytes, options);
  }

  /**
   * A tokenizer with further special tokens, whose ids follow the present ones.
   *
   * @throws {ConfigError} when a name is empty, twice there or a piece already
   */
  withSpecialTokens(names: readonly string[]): Tokenizer {
    const seen = new Set<string>();
    for (const name of names) {
      const isThere = this.#ids.has(name) || seen.has(name);
      if (name === "" || isThere) {
        throw new ConfigError(
          `Cannot add the special token "${name}": ` +
            (isThere ? "it is there already" : "it is empty"),
        );
      }
      seen.add(name);
    }
    const { pieces, specialIds } = this.model;
    return new Tokenizer({
      ...this.model,
      pieces: [...pieces, ...names],
      specialIds: [...specialIds, ...names.map((_, i) => pieces.length + i)],
    });
  }
}

/** Cuts a text into ids of special tokens and the text between them. */
type Cutter = (text: string) => (string | number)[];

/** Finds names, the leftmost first and of two that fit there the longer. */
function cutterAt(entries: readonly [name: string, id: number][]): Cutter {
  const ids = new Map(entries);
  const names = [...ids.keys()].sort((a, b) => b.length - a.length);
  // The group keeps the names among the parts; "(?!)" is found nowhere.
  const pattern = new RegExp(
    `(${names.map(RegExp.escape).join("|") || "(?!)"})`,
  );
  return (text) =>
    text.split(pattern).filter((part) => part !== "")
      .map((part) => ids.get(part) ?? part);
}
