/** Signatures against the Jaccard similarity that they estimate. */
import assert from "node:assert/strict";
import {
  MinHash,
  plainWords,
  shingleHashes,
  signatureSimilarity,
} from "../../../lib/text/corpus/minhash.ts";
import { Random } from "../../../lib/util/mod.ts";
import { assertClose } from "../../support/assert_close.ts";

const random = new Random(2, "minhash test");
const wordsOf = (count: number) =>
  Array.from({ length: count }, () => `p${random.int(5000)}`);

/** Jaccard similarity of the sets of shingles, from the texts themselves. */
function jaccard(a: string, b: string, size: number): number {
  const shingles = (text: string) => {
    const words = plainWords(text);
    return new Set(
      Array.from(
        { length: Math.max(1, words.length - size + 1) },
        (_, i) => words.slice(i, i + size).join(" "),
      ),
    );
  };
  const [x, y] = [shingles(a), shingles(b)];
  return x.intersection(y).size / x.union(y).size;
}

Deno.test("MinHash estimates Jaccard similarity within its error", () => {
  const K = 1024;
  const minHash = new MinHash({ numHashes: K, shingleWords: 3, seed: 1 });
  let worst = 0;
  for (let trial = 0; trial < 30; trial++) {
    const common = wordsOf(100 + random.int(300));
    const a = [...common, ...wordsOf(random.int(300))].join(" ");
    const b = [...wordsOf(random.int(300)), ...common].join(" ");
    const J = jaccard(a, b, 3);
    const estimate = signatureSimilarity(
      minHash.signature(a)!,
      minHash.signature(b)!,
    );
    worst = Math.max(
      worst,
      Math.abs(estimate - J) / Math.sqrt(J * (1 - J) / K),
    );
  }
  assert.ok(worst < 4, `${worst} standard errors`); // 30 draws: 1 in 500
});

Deno.test("MinHash does not see capitals, punctuation and spaces", () => {
  const minHash = new MinHash({ numHashes: 16, shingleWords: 5, seed: 0 });
  assert.deepEqual(
    minHash.signature("Era uma vez, um gato!  Fim."),
    minHash.signature("era UMA vez um\ngato fim"),
  );
  assert.equal(minHash.signature(" … !"), undefined);
});

Deno.test("shingleHashes() are equal for equal runs only", () => {
  const words = ["a", "b", "a", "b", "a"];
  const [ab, ba, again, last] = shingleHashes(words, 2);
  assert.deepEqual([again, last], [ab, ba]);
  assert.notEqual(ab, ba);
  assert.equal(shingleHashes(words, 9).length, 1); // all words
  assert.equal(shingleHashes([], 2).length, 0);
  const many = shingleHashes(wordsOf(4000), 5);
  // 4,000 draws from 2^32 meet with a chance of 0.2 %.
  assert.equal(new Set(many).size, many.length);
});

Deno.test("signatureSimilarity() counts equal places", () => {
  const similarity = signatureSimilarity(
    Uint32Array.of(1, 2, 3, 4),
    Uint32Array.of(1, 9, 3, 8),
  );
  assertClose(similarity, 0.5, { atol: 0 });
});
