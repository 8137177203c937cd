/**
 * The part of ZMTP 3.0 (https://rfc.zeromq.org/spec/23) that a Jupyter client
 * needs: one TCP connection as the client's side, without encryption, with
 * messages of several frames. No native ZeroMQ is involved.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const MORE = 1, LONG = 2; // flags of a frame
const GREETING_SIZE = 64;

/** The greeting: signature, version 3.0, mechanism NULL, not a server. */
function greeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(new TextEncoder().encode("NULL"), 12);
  return bytes;
}

function metadata(name: string, value: string): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([
    Uint8Array.of(name.length),
    Buffer.from(name),
    size,
    Buffer.from(value),
  ]);
}

function frame(flags: number, body: Uint8Array): Uint8Array {
  if (body.length < 256) {
    return Buffer.concat([Uint8Array.of(flags, body.length), body]);
  }
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  return Buffer.concat([Uint8Array.of(flags | LONG), size, body]);
}

/** One connection to a ZeroMQ socket. */
export class ZmtpConnection {
  readonly #connection: Deno.TcpConn;
  #buffer = new Uint8Array(0);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /**
   * Connects to 127.0.0.1 and shakes hands.
   *
   * @param type kind of this end: "DEALER" or "SUB"
   * @param identity routing id, the same for all sockets of one client
   */
  static async connect(
    port: number,
    type: string,
    identity: string,
  ): Promise<ZmtpConnection> {
    const connection = new ZmtpConnection(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
    connection.#connection.setNoDelay(true);
    await connection.#write(greeting());
    await connection.#read(GREETING_SIZE);
    const ready = Buffer.concat([
      Uint8Array.of(5),
      Buffer.from("READY"),
      metadata("Socket-Type", type),
      metadata("Identity", identity),
    ]);
    await connection.#write(frame(4, ready)); // 4: a command, not a message
    await connection.#readFrame();
    return connection;
  }

  /** Sends the frames of one message. */
  async send(frames: readonly Uint8Array[]): Promise<void> {
    const parts = frames.map((body, i) =>
      frame(i < frames.length - 1 ? MORE : 0, body)
    );
    await this.#write(Buffer.concat(parts));
  }

  /** The frames of the next message, or undefined when the peer has closed. */
  async receive(): Promise<Uint8Array[] | undefined> {
    const frames: Uint8Array[] = [];
    for (;;) {
      const next = await this.#readFrame();
      if (!next) return undefined;
      frames.push(next.body);
      if (!next.hasMore) return frames;
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch { /* closed already */ }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      offset += await this.#connection.write(bytes.subarray(offset));
    }
  }

  async #readFrame(): Promise<
    { body: Uint8Array; hasMore: boolean } | undefined
  > {
    const flags = (await this.#read(1))?.[0];
    if (flags === undefined) return undefined;
    const head = await this.#read(flags & LONG ? 8 : 1);
    if (!head) return undefined;
    const size = flags & LONG
      ? Number(Buffer.from(head).readBigUInt64BE())
      : head[0]!;
    const body = await this.#read(size);
    return body && { body, hasMore: (flags & MORE) !== 0 };
  }

  /** Exactly `size` bytes, or undefined when the peer has closed. */
  async #read(size: number): Promise<Uint8Array | undefined> {
    const result = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      if (this.#buffer.length === 0) {
        const chunk = new Uint8Array(65536);
        const count = await this.#connection.read(chunk).catch(() => null);
        if (count === null) return undefined;
        this.#buffer = chunk.subarray(0, count);
      }
      const part = this.#buffer.subarray(0, size - filled);
      result.set(part, filled);
      filled += part.length;
      this.#buffer = this.#buffer.subarray(part.length);
    }
    return result;
  }
}
