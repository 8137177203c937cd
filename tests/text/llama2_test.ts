/**
 * The vocabulary of Llama 2 itself, which an npm package carries: the same ids
 * as that package, as Hugging Face's implementations on the same file, and as
 * SentencePiece's way to find merges by score. No tolerance.
 */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import assert from "node:assert/strict";
import llama from "llama-tokenizer-js";
import { parseSentencePiece } from "../../lib/text/sentencepiece_read.ts";
import { syntheticCorpus } from "../../lib/text/synthetic/corpus.ts";
import { parseTokenizer } from "../../lib/text/tokenizer_read.ts";
import { tokenizerReport } from "../../lib/text/tokenizer_report.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";
import { hardTexts } from "./hard_texts.ts";
import { modelFile, type ModelPiece } from "./protobuf_writer.ts";
import { rustIds, RustTokenizer } from "./rust_tokenizer.ts";

const PIECES = llama.vocabById;

/** Llama 2's `tokenizer.json`, put together from the package's vocabulary. */
function llama2File(): object {
  const merges = [...llama.merges].sort(([, a], [, b]) => a - b);
  return {
    version: "1.0",
    added_tokens: ["<unk>", "<s>", "</s>"].map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
      merges: merges.map(([merge]) => merge),
    },
  };
}

/** The same as a `.model`: the earlier a piece is merged, the better. */
function llama2Model(): Uint8Array {
  const scores = new Map<string, number>();
  for (const [merge, rank] of llama.merges) {
    const piece = merge.replace(" ", "");
    scores.set(piece, Math.max(-rank, scores.get(piece) ?? -Infinity));
  }
  const pieces = PIECES.map((text, id): ModelPiece => {
    const type = id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
    return [text, type === 1 ? scores.get(text) ?? -1e9 : 0, type];
  });
  return modelFile(pieces, { trainer: [[3, 2], [35, 1]] });
}

const STORIES = Array.from(
  syntheticCorpus({ seed: 8, documents: 100 }),
  ({ text }) => text,
).join("\n");
const TEXTS = hardTexts(2000, STORIES);

Deno.test("parseTokenizer() gives the ids of Llama 2's other readers", async () => {
  const file = llama2File();
  const ours = parseTokenizer(JSON.stringify(file));
  const theirs = new HuggingFaceTokenizer(file, {
    clean_up_tokenization_spaces: false,
  });
  const rust = RustTokenizer?.fromString(JSON.stringify(file));
  for (const text of TEXTS) {
    const name = JSON.stringify(text);
    const ids = Array.from(ours.encode(text, { allowSpecial: true }));
    const options = { add_special_tokens: false };
    assert.deepEqual(ids, theirs.encode(text, options).ids, name);
    if (rust) assert.deepEqual(ids, await rustIds(rust, text), name);
    const plain = Array.from(ours.encode(text));
    assert.deepEqual(plain, llama.encode(text, false), name);
    assert.equal(ours.decode(plain), text, name);
  }
});

Deno.test("parseSentencePiece() gives the ids of Llama 2's merges", () => {
  const ours = parseSentencePiece(llama2Model());
  for (const text of TEXTS) {
    const ids = Array.from(ours.encode(text));
    assert.deepEqual(ids, llama.encode(text, false), JSON.stringify(text));
  }
});

referenceTest(
  "tokenizerReport() finds that Llama 2 takes two tokens a word",
  "corpus/1899_dom_casmurro.txt",
  async (path) => {
    // TTL's table 1 has 14,813 tokens for 7,400 words of other Portuguese text,
    // 2.002 a word; a novel of 1899 and punctuation make a tenth of difference.
    const llama2 = parseTokenizer(JSON.stringify(llama2File()));
    const report = tokenizerReport(llama2, await Deno.readTextFile(path));
    assertClose(report.tokensPerWord, 14_813 / 7400, { rtol: 0.1 });
  },
);

Deno.test("encode() gives the ids of Llama 2 that everybody knows", () => {
  // "▁Hello" 15043, "▁world" 3186, "!" 29991, and bytes begin at 3.
  const ours = parseTokenizer(JSON.stringify(llama2File()));
  assert.deepEqual(
    Array.from(ours.encode("Hello world!\n", { bos: true })),
    [1, 15043, 3186, 29991, 13],
  );
});
