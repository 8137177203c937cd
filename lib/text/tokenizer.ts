/**
 * The tokenizer: text to ids and back, for all three kinds of model.
 *
 * As in Llama 2 a space is put before the text and every space becomes "▁";
 * what the alphabet lacks is spelled in UTF-8 bytes, and so is "▁" itself (other
 * programs take it for a space). The byte-level kind has bytes for everything
 * and no such space. Neither changes the text, so `decode(encode(x)) === x` for
 * every well-formed string; only the files of others may replace characters, or
 * lack bytes.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { BpeEncoder } from "./bpe_encoder.ts";
import { ByteLevelEncoder } from "./byte_level_encoder.ts";
import { IntList } from "./int_list.ts";
import {
  type DecodeOptions,
  PieceBytes,
  StreamDecoder,
} from "./stream_decoder.ts";
import { textPreparer } from "./space_rules.ts";
import type { TokenizerModel } from "./tokenizer_model.ts";
import { UnigramEncoder } from "./unigram_encoder.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

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
 * A tokenizer of any kind. It does not change; the cache inside only makes
 * repeated words fast.
 *
 * @example
 * ```ts
 * const tokenizer = trainBpe(["Era uma vez um gato."], { vocabSize: 300 });
 * tokenizer.decode(tokenizer.encode("um gato")); // "um gato"
 * ```
 */
export class Tokenizer {
  /** The data it is made of. */
  readonly model: TokenizerModel;
  /** What happens to a text before pieces are looked for. */
  readonly #prepare: (text: string) => string;
  readonly #encoder: BpeEncoder | ByteLevelEncoder | UnigramEncoder;
  readonly #pieceBytes: PieceBytes;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #cutAtSpecial: Cutter;
  readonly #cutAtSpaced: Cutter;
  readonly #cutAtFixed: Cutter | undefined;
  readonly #out = new IntList(1024);

  /**
   * @param model a valid model: `trainBpe` and `loadTokenizer` make one
   * @throws {FormatError} when a pattern or the charsmap of it cannot be used
   */
  constructor(model: TokenizerModel) {
    this.model = model;
    const { pieces, specialIds, spacedIds } = model;
    if (model.kind === "byte-level") {
      this.#prepare = (text) => {
        if (model.composesLetters) text = text.normalize("NFC");
        return model.addsPrefixSpace && !text.startsWith(" ")
          ? ` ${text}`
          : text;
      };
      this.#encoder = new ByteLevelEncoder(model);
    } else {
      const fixed = model.rules.fixedIds.map((id): [string, number] => [
        pieces[id]!.replaceAll(SPACE_SIGN, " "),
        id,
      ]);
      this.#prepare = textPreparer(model.rules, fixed.map(([text]) => text));
      if (model.kind === "llama") {
        if (fixed.length > 0) this.#cutAtFixed = cutterAt(fixed);
        this.#encoder = new BpeEncoder(model);
      } else this.#encoder = new UnigramEncoder(model);
    }
    this.#pieceBytes = new PieceBytes(model);
    this.#ids = new Map(pieces.map((piece, id) => [piece, id]));
    const spaced = new Set(spacedIds);
    this.#cutAtSpecial = cutterAt(
      specialIds.filter((id) => !spaced.has(id)).map((id) => [pieces[id]!, id]),
    );
    this.#cutAtSpaced = cutterAt(spacedIds.map((id) => [` ${pieces[id]}`, id]));
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

  /** Whether a space is put in front of every text. */
  get addsPrefixSpace(): boolean {
    const { model } = this;
    return model.kind === "byte-level"
      ? model.addsPrefixSpace
      : model.rules.addsPrefixSpace;
  }

  /** Id of a piece ("▁casa", "<0x0A>", "<s>"), or undefined. */
  idOf(piece: string): number | undefined {
    return this.#ids.get(piece);
  }

  /**
   * Ids of a text, int32. A lone surrogate counts as U+FFFD.
   *
   * With `allowSpecial` each part between special tokens is a text of its own,
   * with a space put before it where the model does so, as the fast tokenizers
   * of Hugging Face do; the `spacedIds` of the model are looked for in these
   * parts, with that space.
   */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const out = this.#out;
    out.length = 0;
    if (options.bos) out.push(this.bosId);
    const wellFormed = text.toWellFormed();
    if (options.allowSpecial) this.#encodeWithSpecial(wellFormed, out);
    else if (text !== "") this.#encodePrepared(this.#prepare(wellFormed), out);
    if (options.eos) out.push(this.eosId);
    return out.toArray();
  }

  #encodeWithSpecial(text: string, out: IntList): void {
    for (const part of this.#cutAtSpecial(text)) {
      const pieces = typeof part === "number"
        ? [part]
        : this.#cutAtSpaced(this.#prepare(part));
      for (const piece of pieces) {
        if (typeof piece === "number") out.push(piece);
        else this.#encodePrepared(piece, out);
      }
    }
  }

  #encodePrepared(text: string, out: IntList): void {
    for (const part of this.#cutAtFixed?.(text) ?? [text]) {
      if (typeof part === "number") out.push(part);
      else this.#encoder.encodeInto(part, out);
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
