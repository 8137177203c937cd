/**
 * The best spelling against trying every one, in double precision: scores are
 * multiples of 1/8, so single precision is exact and ties are ties in both.
 */
import assert from "node:assert/strict";
import { Tokenizer } from "../../lib/text/tokenizer.ts";
import { LLAMA_RULES } from "../../lib/text/tokenizer_model.ts";
import { Random } from "../../lib/util/mod.ts";

const LETTERS = ["▁", "a", "b", "c", "🙂"];

/** A model of random pieces of up to four letters. */
function randomModel(random: Random): Map<string, number> {
  const scores = new Map<string, number>();
  while (scores.size < 14) {
    const length = 1 + random.int(4);
    const piece = Array.from({ length }, () => random.pick(LETTERS)).join("");
    scores.set(piece, -random.int(80) / 8);
  }
  return scores;
}

/** Highest sum of scores of any spelling; unknown letters cost 10 more. */
function bestSum(
  letters: readonly string[],
  scores: Map<string, number>,
): number {
  if (letters.length === 0) return 0;
  const unknown = Math.min(...scores.values()) - 10;
  let best = -Infinity;
  for (let n = 1; n <= Math.min(4, letters.length); n++) {
    const score = scores.get(letters.slice(0, n).join("")) ??
      (n === 1 ? unknown : -Infinity);
    if (score === -Infinity) continue;
    best = Math.max(best, score + bestSum(letters.slice(n), scores));
  }
  return best;
}

Deno.test("encode() of unigrams finds the best of all spellings", () => {
  const random = new Random(3, "unigrams");
  for (let round = 0; round < 60; round++) {
    const scores = randomModel(random);
    const tokenizer = new Tokenizer({
      kind: "unigram",
      pieces: ["<unk>", "<s>", "</s>", ...scores.keys()],
      specialIds: [0, 1, 2],
      spacedIds: [],
      unkId: 0,
      bosId: 1,
      eosId: 2,
      padId: 2,
      scores: Float32Array.from([0, 0, 0, ...scores.values()]),
      rules: LLAMA_RULES,
    });
    const unknown = Math.min(...scores.values()) - 10;
    for (let i = 0; i < 10; i++) {
      const letters = Array.from(
        { length: 1 + random.int(9) },
        () => random.pick(LETTERS),
      );
      // With an unknown letter a run of them is one id: none of these here.
      const all = ["▁", ...letters];
      const ids = tokenizer.encode(letters.join("").replaceAll("▁", " "));
      if (ids.includes(0)) {
        const isUnknown = all.some((letter) => !scores.has(letter));
        assert.ok(isUnknown && bestSum(all, scores) < unknown + 1);
        continue;
      }
      const pieces = Array.from(ids, (id) => tokenizer.model.pieces[id]!);
      assert.equal(pieces.join(""), all.join(""));
      const sum = pieces.reduce((sum, piece) => sum + scores.get(piece)!, 0);
      assert.equal(sum, bestSum(all, scores), `${all} as ${pieces}`);
    }
  }
});
