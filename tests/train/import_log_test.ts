/** Logs of other programs: our own files again, and theirs by hand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  crc32c,
  importLog,
  readEventScalars,
  tensorboardEvents,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const RECORDS: TrainRecord[] = [
  {
    kind: "step",
    step: 1,
    tokens: 2048,
    loss: 8.25,
    learningRate: 1e-3,
    gradientNorm: 2.5,
    seconds: 1.5,
    tokensPerSecond: 2000,
    energyJoules: 7.2e6,
  },
  {
    kind: "evaluation",
    step: 300,
    tokens: 614_400,
    loss: 3.5,
    perplexity: Math.exp(3.5),
    bitsPerByte: 1.375,
    evaluatedTokens: 1000,
    seconds: 400,
  },
];

/** Bytes as they stand in the frame of an event. */
function framed(event: readonly number[]): number[] {
  const head = [event.length, 0, 0, 0, 0, 0, 0, 0];
  const crc = (bytes: readonly number[]) => {
    const plain = crc32c(Uint8Array.from(bytes));
    const masked = ((plain >>> 15 | plain << 17) + 0xa282ead8) >>> 0;
    return [...new Uint8Array(Uint32Array.of(masked).buffer)];
  };
  return [...head, ...crc(head), ...event, ...crc(event)];
}

const text = (value: string) => [...new TextEncoder().encode(value)];
const part = (key: number, bytes: readonly number[]) => [
  key,
  bytes.length,
  ...bytes,
];

/** Step 7, "loss" 2.5, in a tensor as TensorFlow 2 writes it. */
const TENSOR_EVENT = [
  ...[0x09, ...new Uint8Array(Float64Array.of(1.7e9).buffer)],
  ...[0x10, 7],
  ...part(0x2a, [
    ...part(0x0a, [
      ...part(0x0a, text("loss")),
      ...part(0x42, [
        ...[0x08, 1, 0x12, 0], // float32, no axes
        ...part(0x22, [0, 0, 0x20, 0x40]), // 2.5
      ]),
    ]),
  ]),
];

Deno.test("importLog() reads back what tensorboardEvents() wrote", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "events.out.tfevents.1.caderno");
    await Deno.writeFile(path, tensorboardEvents(RECORDS, 1.7e9));
    const [step, evaluation] = await importLog(folder);
    assert(step?.kind === "step" && evaluation?.kind === "evaluation");
    const numbers = (
      { loss, learningRate, tokens, energyJoules }: typeof step,
    ) => [loss, learningRate, tokens, energyJoules!];
    assertClose(numbers(step), numbers(RECORDS[0] as typeof step), {
      rtol: 1e-7, // single precision in the file
    });
    const { step: at, loss, bitsPerByte } = evaluation;
    assert.deepEqual([at, loss, bitsPerByte], [300, 3.5, 1.375]);
    assert.equal(evaluation.seconds - step.seconds, 400 - 1.5);
  });
});

Deno.test("readEventScalars() reads a tensor, and drops a cut frame", () => {
  const file = Uint8Array.from([
    ...framed(TENSOR_EVENT),
    ...framed(TENSOR_EVENT).slice(0, -5),
  ]);
  assert.deepEqual(readEventScalars(file), [
    { tag: "loss", step: 7, wallSeconds: 1.7e9, value: 2.5 },
  ]);
});

Deno.test("readEventScalars() refuses other bytes", async () => {
  const damaged = Uint8Array.from(framed(TENSOR_EVENT));
  damaged[20]! ^= 1;
  const reading = (bytes: Uint8Array) => () => readEventScalars(bytes, "a.1");
  const checksum = /Cannot read a\.1: an event with a wrong checksum at byte 0/;
  await assertFails(reading(damaged), FormatError, checksum);
  const other = new TextEncoder().encode("a text of some length, no events");
  await assertFails(
    reading(other),
    FormatError,
    /no TensorBoard event at byte/,
  );
});

Deno.test("importLog() reads tables of three kinds", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "log.csv");
    const lossesOf = async (csv: string) => {
      await Deno.writeTextFile(path, csv);
      const records = await importLog(path, { tokensPerStep: 10 });
      return records.map((record) =>
        "loss" in record && [record.kind, record.tokens, record.loss]
      );
    };
    // A column a number, holes between them, a column of words.
    assert.deepEqual(
      await lossesOf("Step,train/loss,eval/loss,host\n1,2.5,,a\n2,,2.25,b\n"),
      [["step", 10, 2.5], ["evaluation", 20, 2.25]],
    );
    // TensorBoard's download of one curve.
    assert.deepEqual(
      await lossesOf("Wall time,Step,Value\n1700000000.5,3,1.5\n"),
      [["step", 30, 1.5]],
    );
    assert.deepEqual(await lossesOf("step,loss\n4,NaN\n"), [
      ["step", 40, NaN],
    ]);
    await assertFails(
      () => lossesOf("step,accuracy\n1,0.5\n"),
      DataError,
      /no loss among accuracy; wanted one of train\/loss/,
    );
    await assertFails(
      () => lossesOf("epoch,loss\n1,0.5\n"),
      FormatError,
      /no column step among epoch, loss/,
    );
    await assertFails(() => importLog(folder), DataError, /no event file/);
  });
});
