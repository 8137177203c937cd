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
  readonly #special: RegExp;
  readonly #out = new IntList(1024);

  /** @param model a valid model: `trainBpe` and `loadTokenizer` make one */
  constructor(model: BpeModel) {
    this.model = model;
    this.#encoder = new BpeEncoder(model);
    this.#pieceBytes = new PieceBytes(model);
    this.#ids = new Map(model.pieces.map((piece, id) => [piece, id]));
    const names = model.specialIds.map((id) => model.pieces[id]!)
      .sort((a, b) => b.length - a.length); // of two that fit, the longer one
    this.#special = new RegExp(`(${names.map(RegExp.escape).join("|")})`);
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
   * with a space put before it, as the fast tokenizers of Hugging Face do.
   */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const out = this.#out;
    out.length = 0;
    if (options.bos) out.push(this.bosId);
    const wellFormed = text.toWellFormed();
    if (options.allowSpecial) {
      // The group in the pattern makes every second part a special token.
      for (const [i, part] of wellFormed.split(this.#special).entries()) {
        if (i % 2 === 1) out.push(this.#ids.get(part)!);
        else if (part !== "") this.#encoder.encodeInto(" " + part, out);
      }
    } else if (text !== "") this.#encoder.encodeInto(" " + wellFormed, out);
    if (options.eos) out.push(this.eosId);
    return out.toArray();
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
    for (const [i, name] of names.entries()) {
      if (name !== "" && !this.#ids.has(name) && names.indexOf(name) === i) {
        continue;
      }
      const reason = name === "" ? "it is empty" : "it is there already";
      throw new ConfigError(
        `Cannot add the special token "${name}": ${reason}`,
      );
    }
    const { pieces, specialIds } = this.model;
    return new Tokenizer({
      ...this.model,
      pieces: [...pieces, ...names],
      specialIds: [...specialIds, ...names.map((_, i) => pieces.length + i)],
    });
  }
}
