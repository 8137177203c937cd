/**
 * A run's log as a TensorBoard event file, for people who have their viewer
 * already.
 *
 * An event file is a list of frames: length (u64), its checksum, the event, its
 * checksum. An event is a protocol buffer:
 *
 *     Event   { 1: wall_time f64, 2: step i64, 3: file_version | 5: summary }
 *     Summary { 1: value { 1: tag, 2: simple_value f32 } }
 *
 * Checksums are CRC-32C, rotated and shifted (record_writer.cc and event.proto
 * of TensorFlow).
 *
 * @module
 */
import type { TrainRecord } from "./records.ts";

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let i = 0; i < 8; i++) {
    crc = crc & 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
  }
  return crc;
});

/** CRC-32C (Castagnoli) of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ crc >>> 8;
  return ~crc >>> 0;
}

/** The checksum as frames have it. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}

/** Little-endian words of one kind. */
const f64 = (x: number) => new Uint8Array(Float64Array.of(x).buffer);
const f32 = (x: number) => new Uint8Array(Float32Array.of(x).buffer);
const u32 = (x: number) => new Uint8Array(Uint32Array.of(x).buffer);

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) {
    bytes.push(value % 128 | 128);
  }
  return [...bytes, value];
}

const WIRE = { varint: 0, f64: 1, bytes: 2, f32: 5 } as const;

/** A field of a protocol buffer. */
function field(
  number: number,
  wire: keyof typeof WIRE,
  content: ArrayLike<number>,
): number[] {
  const key = number << 3 | WIRE[wire];
  const length = wire === "bytes" ? varint(content.length) : [];
  return [key, ...length, ...Array.from(content)];
}

const text = (value: string) => new TextEncoder().encode(value);

/** An event in its frame. */
function frame(event: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = Uint8Array.from(event);
  const length = new Uint8Array(BigUint64Array.of(BigInt(body.length)).buffer);
  const parts = [length, u32(maskedCrc(length)), body, u32(maskedCrc(body))];
  const out = new Uint8Array(16 + body.length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A number that old logs, or machines without a meter, lack. */
function optional(
  tag: string,
  value: number | undefined,
  scale = 1,
): Record<string, number> {
  return value === undefined ? {} : { [tag]: value * scale };
}

/** Numbers of a record by the tag under which a viewer shows them. */
export function recordScalars(record: TrainRecord): Record<string, number> {
  switch (record.kind) {
    case "step":
      return {
        "train/loss": record.loss,
        "train/learning_rate": record.learningRate,
        "train/gradient_norm": record.gradientNorm,
        "train/tokens_per_second": record.tokensPerSecond,
        "train/tokens": record.tokens,
        ...optional("train/flops_per_second", record.flopsPerSecond),
        ...optional("train/loss_scale", record.lossScale),
        ...optional("train/skipped_steps", record.skippedSteps),
        ...optional("train/utilization", record.utilization),
        ...optional("memory/peak_bytes", record.peakBytes),
        ...optional("energy/kwh", record.energyJoules, 1 / 3.6e6),
      };
    case "evaluation":
      return {
        "eval/loss": record.loss,
        "eval/perplexity": record.perplexity,
        ...optional("eval/bits_per_byte", record.bitsPerByte),
      };
    default:
      return {};
  }
}

/**
 * The bytes of an event file.
 *
 * @param startSeconds when the run began, Unix time in seconds
 */
export function tensorboardEvents(
  records: Iterable<TrainRecord>,
  startSeconds: number,
): Uint8Array<ArrayBuffer> {
  const frames = [
    frame([
      ...field(1, "f64", f64(startSeconds)),
      ...field(3, "bytes", text("brain.Event:2")),
    ]),
  ];
  for (const record of records) {
    const values = Object.entries(recordScalars(record)).flatMap((
      [tag, value],
    ) =>
      field(1, "bytes", [
        ...field(1, "bytes", text(tag)),
        ...field(2, "f32", f32(value)),
      ])
    );
    if (values.length === 0) continue;
    const seconds = "seconds" in record ? record.seconds : 0;
    frames.push(frame([
      ...field(1, "f64", f64(startSeconds + seconds)),
      ...field(2, "varint", varint(record.step)),
      ...field(5, "bytes", values),
    ]));
  }
  const out = new Uint8Array(frames.reduce((sum, f) => sum + f.length, 0));
  let at = 0;
  for (const bytes of frames) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}
