/**
 * Reading ahead: the source hears of every sequence before its turn, and what
 * is read stays the same.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ShardWriter } from "../../../lib/text/corpus/shard_writer.ts";
import { ShardedTokens } from "../../../lib/text/corpus/sharded_tokens.ts";
import {
  PackedTokens,
  type TokenArray,
  TokenBatches,
  type TokenSource,
} from "../../../lib/text/mod.ts";
import { inFolder } from "../../support/in_folder.ts";

const OPTIONS = { batchSize: 3, contextLength: 4, vocabSize: 100, seed: 5 };
const STREAM = new Uint16Array(700).map((_, i) => i * 7 % 100);

/** Tokens in memory that remember what was announced and what was read. */
class WatchedTokens extends PackedTokens implements TokenSource {
  readonly announced = new Set<string>();
  numAnnouncements = 0;
  /** Ranges that were read without an announcement. */
  readonly surprises: string[] = [];

  readAhead(ranges: Iterable<readonly [number, number]>): void {
    this.numAnnouncements++;
    for (const range of ranges) this.announced.add(String(range));
  }

  override subarray(start: number, end: number): TokenArray {
    const range = String([start, end]);
    if (!this.announced.has(range)) this.surprises.push(range);
    return super.subarray(start, end);
  }
}

Deno.test("TokenBatches announces each sequence before its turn, across epochs", () => {
  const source = new WatchedTokens(STREAM, Int32Array.of(0), 100);
  const batches = new TokenBatches(source, OPTIONS);
  const plain = new TokenBatches(STREAM, OPTIONS);
  const steps = 2 * batches.stepsPerEpoch + 9;
  for (let i = 0; i < steps; i++) {
    assert.deepEqual(batches.next(), plain.next());
  }
  // Only the first batch of all came unannounced.
  assert.equal(source.surprises.length, 3);
  assert.ok(source.numAnnouncements <= steps / 8 + 6);
  // Nobody looks ahead where a single batch is asked for.
  const { numAnnouncements } = source;
  batches.at(0);
  assert.equal(source.numAnnouncements, numAnnouncements);
});

Deno.test("TokenBatches announces anew when its place is set", () => {
  const source = new WatchedTokens(STREAM, Int32Array.of(0), 100);
  const batches = new TokenBatches(source, OPTIONS);
  for (const place of [40, 3, 52, 0]) {
    source.announced.clear();
    source.surprises.length = 0;
    batches.position = place;
    for (let i = 0; i < 6; i++) batches.next();
    // Its own batch; and those from a place that it had told of long before.
    assert.ok(source.surprises.length <= 3, `${place}: ${source.surprises}`);
  }
});

Deno.test("ShardedTokens reads ahead across shards and changes nothing", () =>
  inFolder(async (folder) => {
    const writer = new ShardWriter({
      folder,
      prefix: "part",
      vocabSize: 100,
      vocabulary: "00".repeat(32),
      shardTokens: 90,
    });
    await writer.append(Int32Array.from(STREAM), [0]);
    const shards = await writer.end();
    assert.equal(shards.length, 8);
    const paths = shards.map(({ file }) => join(folder, file));
    using tokens = new ShardedTokens(paths);
    tokens.readAhead([[80, 200], [600, 999], [0, 0]]); // also past the end
    assert.deepEqual(tokens.subarray(80, 200), STREAM.slice(80, 200));
    const batches = new TokenBatches(tokens, OPTIONS);
    const plain = new TokenBatches(STREAM, OPTIONS);
    for (let i = 0; i < 70; i++) {
      assert.deepEqual(batches.next(), plain.next());
    }
  }));

Deno.test("ShardedTokens tells of a lost file where it is read, not ahead", () =>
  inFolder(async (folder) => {
    const writer = new ShardWriter({
      folder,
      prefix: "part",
      vocabSize: 100,
      vocabulary: "00".repeat(32),
      shardTokens: 1000,
    });
    await writer.append(Int32Array.from(STREAM), [0]);
    await writer.end();
    const path = join(folder, "part_00000.tokens");
    using tokens = new ShardedTokens([path]);
    await Deno.remove(path); // open here, gone for the thread
    tokens.readAhead([[0, 10]]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(tokens.subarray(0, 10), STREAM.slice(0, 10));
  }));
