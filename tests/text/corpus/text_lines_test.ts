/** Lines and paragraphs against splitting the whole text. */
import assert from "node:assert/strict";
import {
  byteLines,
  byteParagraphs,
} from "../../../lib/text/corpus/text_lines.ts";
import { Random } from "../../../lib/util/mod.ts";
import { utf8 } from "./in_corpus.ts";

/** The text in pieces of random sizes, one buffer used again and again. */
async function* inPieces(text: string, seed: number) {
  const bytes = utf8(text);
  const random = new Random(seed);
  const shared = new Uint8Array(16);
  for (let at = 0; at < bytes.length;) {
    const size = random.int(7);
    const part = bytes.subarray(at, at + size);
    shared.set(part);
    yield shared.subarray(0, part.length);
    await Promise.resolve();
    at += size;
  }
}

async function textsOf(
  lines: AsyncIterable<{ bytes: Uint8Array | undefined; number: number }>,
): Promise<[number, string | undefined][]> {
  const texts: [number, string | undefined][] = [];
  for await (const { number, bytes } of lines) {
    texts.push([number, bytes && new TextDecoder().decode(bytes)]);
  }
  return texts;
}

Deno.test("byteLines() splits as a whole text is split, however it comes", async () => {
  const random = new Random(3, "lines");
  for (let trial = 0; trial < 60; trial++) {
    const text = Array.from(
      { length: random.int(60) },
      () => random.pick(["a", "é", "\n", "\r\n", "🙂", " "]),
    ).join("");
    const expected = text.split("\n").map((line, i): [number, string] => [
      i + 1,
      line.replace(/\r$/, ""),
    ]);
    if (expected.at(-1)![1] === "" && !text.endsWith("\r")) expected.pop();
    const lines = byteLines(inPieces(text, trial), 1000);
    assert.deepEqual(await textsOf(lines), expected, JSON.stringify(text));
  }
});

Deno.test("byteLines() measures a line that is too long and goes on", async () => {
  const text = `curta\n${"x".repeat(500)}\nfim`;
  const lines = await Array.fromAsync(byteLines(inPieces(text, 1), 100));
  assert.deepEqual(
    lines.map(({ number, bytes, byteLength }) => [number, !!bytes, byteLength]),
    [[1, true, 5], [2, false, 500], [3, true, 3]],
  );
});

Deno.test("byteParagraphs() joins lines up to a blank one", async () => {
  const text = "\n\num\ndois\n \t\n\ntrês\r\nquatro\n\n";
  const paragraphs = (max: number) =>
    textsOf(byteParagraphs(byteLines(inPieces(text, 2), 1000), max));
  assert.deepEqual(await paragraphs(1000), [
    [3, "um\ndois"],
    [7, "três\nquatro"],
  ]);
  assert.deepEqual(await paragraphs(8), [[3, "um\ndois"], [7, undefined]]);
});
