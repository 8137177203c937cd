/**
 * CPython's random numbers, against CPython 3.11 itself:
 *
 *     python3 -c 'import random; r = random.Random(SEED); print(r.…)'
 */
import assert from "node:assert/strict";
import { ConfigError, PythonRandom } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

Deno.test("PythonRandom draws what CPython draws, in one stream", () => {
  // x = list(range(10)); r.shuffle(x); r.sample(range(1118), 25);
  // r.sample(range(10), 4); r.choice('abcdef'); r.randrange(1000); r.random()
  const random = new PythonRandom(42);
  assert.deepEqual(random.shuffle(range(10)), [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]);
  assert.deepEqual(random.sample(range(1118), 25), [
    ...[864, 65, 61, 191, 447, 476, 1034, 54, 407, 1116, 859, 451, 919, 569],
    ...[13, 326, 865, 696, 318, 440, 689, 209, 189, 778, 198],
  ]);
  assert.deepEqual(random.sample(range(10), 4), [5, 9, 4, 6]);
  assert.equal(random.choice([..."abcdef"]), "a");
  assert.equal(random.below(1000), 747);
  assert.equal(random.uniform(), 0.45942487967184253);
});

Deno.test("PythonRandom samples 26 of 280, then bits", () => {
  // r.sample(range(280), 26); r.random(); r.getrandbits(5); r.getrandbits(32)
  const random = new PythonRandom(1234);
  assert.deepEqual(random.sample(range(280), 26), [
    ...[225, 59, 3, 46, 17, 42, 50, 181, 121, 8, 15, 177, 247, 237, 76, 93],
    ...[58, 7, 257, 249, 127, 33, 277, 238, 35, 45],
  ]);
  assert.equal(random.uniform(), 0.515044969163855);
  assert.equal(random.bits(5), 1);
  assert.equal(random.bits(32), 1157860898);
});

Deno.test("PythonRandom samples on both sides of CPython's limit", () => {
  // r.sample(range(21), 5); r.sample(range(22), 5); r.sample(range(3), 3)
  const random = new PythonRandom(42);
  assert.deepEqual(random.sample(range(21), 5), [20, 3, 0, 8, 7]);
  assert.deepEqual(random.sample(range(22), 5), [7, 4, 3, 21, 17]);
  assert.deepEqual(random.sample(range(3), 3), [0, 1, 2]);
  assert.deepEqual(random.sample(range(5), 0), []);
});

Deno.test("PythonRandom takes seeds of any size and sign", async () => {
  assert.equal(new PythonRandom(0).uniform(), 0.8444218515250481);
  assert.equal(new PythonRandom(2 ** 32 + 5).uniform(), 0.15727238718789782);
  assert.equal(
    new PythonRandom(-3).uniform(),
    new PythonRandom(3).uniform(),
  );
  await assertFails(() => new PythonRandom(0.5), ConfigError, /seed with 0.5/);
  const random = new PythonRandom(1);
  await assertFails(() => random.sample([1], 2), ConfigError, /2 .* of 1/);
  await assertFails(() => random.below(0), ConfigError, /0\.\.-1/);
});
