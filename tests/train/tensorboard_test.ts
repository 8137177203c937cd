/** Event files: known checksums, and every frame taken apart again. */
import assert from "node:assert/strict";
import {
  crc32c,
  recordScalars,
  type StepRecord,
  tensorboardEvents,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("crc32c() gives the known answers", () => {
  // RFC 3720, appendix B.4, and the usual check value.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(
    crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)),
    0x46dd794e,
  );
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

Deno.test("recordScalars() leaves out what an old log lacks", () => {
  const [{ flopsPerSecond: _f, peakBytes: _p, energyJoules: _e, ...old }] =
    RECORDS as [StepRecord];
  assert.deepEqual(Object.keys(recordScalars(old)), [
    "train/loss",
    "train/learning_rate",
    "train/gradient_norm",
    "train/tokens_per_second",
    "train/tokens",
  ]);
});

/** Fields of a protocol buffer: number → values, bytes as they are. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const out = new Map<number, (number | Uint8Array)[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    let value: number | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) {
      value = view.getFloat64(at, true);
      at += 8;
    } else if ((key & 7) === 5) {
      value = view.getFloat32(at, true);
      at += 4;
    } else {
      const length = varint();
      value = bytes.subarray(at, at += length);
    }
    out.set(key >> 3, [...out.get(key >> 3) ?? [], value]);
  }
  return out;
}

/** Events of a file, both checksums of each frame checked. */
function events(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const unmask = (at: number) => {
    const rotated = (view.getUint32(at, true) - 0xa282ead8) >>> 0;
    return (rotated >>> 17 | rotated << 15) >>> 0;
  };
  const all = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(unmask(at + 8), crc32c(file.subarray(at, at + 8)));
    const body = file.subarray(at + 12, at + 12 + length);
    assert.equal(unmask(at + 12 + length), crc32c(body));
    all.push(fields(body));
    at += 16 + length;
  }
  return all;
}

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
    flopsPerSecond: 5e9,
    peakBytes: 3e6,
    energyJoules: 7.2e6,
  },
  {
    kind: "evaluation",
    step: 300,
    tokens: 614_400,
    loss: 3.5,
    perplexity: Math.exp(3.5),
    evaluatedTokens: 1000,
    seconds: 400,
  },
  { kind: "checkpoint", step: 300, path: "step_300" },
];

Deno.test("tensorboardEvents() frames every number of a log", () => {
  const [version, ...rest] = events(tensorboardEvents(RECORDS, 1.7e9));
  const text = (bytes: unknown) =>
    new TextDecoder().decode(bytes as Uint8Array);
  assert.equal(text(version!.get(3)![0]), "brain.Event:2");
  assert.equal(rest.length, 2); // a checkpoint has no numbers
  const [step, evaluation] = rest;
  assert.deepEqual(step!.get(1), [1.7e9 + 1.5]);
  assert.deepEqual([step!.get(2), evaluation!.get(2)], [[1], [300]]);
  const scalars = (event: ReturnType<typeof fields>) =>
    Object.fromEntries(
      fields(event.get(5)![0] as Uint8Array).get(1)!.map((value) => {
        const { 0: tag } = fields(value as Uint8Array).get(1)!;
        return [text(tag), fields(value as Uint8Array).get(2)![0] as number];
      }),
    );
  for (const [i, event] of [step, evaluation].entries()) {
    const wanted = recordScalars(RECORDS[i]!);
    const got = scalars(event!);
    assert.deepEqual(Object.keys(got), Object.keys(wanted));
    // Single precision in the file.
    assertClose(Object.values(got), Object.values(wanted), { rtol: 1e-7 });
  }
  assert.equal(scalars(step!)["energy/kwh"], 2);
  assert.equal(scalars(step!)["train/flops_per_second"], 5e9);
  assert.equal(scalars(step!)["memory/peak_bytes"], 3e6);
});
