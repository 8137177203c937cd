/**
 * Messages of the Jupyter protocol 5.3 on the wire
 * (https://jupyter-client.readthedocs.io/en/stable/messaging.html): routing
 * ids, a delimiter, a signature and four JSON texts.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { FormatError } from "../../lib/util/mod.ts";

/** Sockets of a kernel on which a client receives. */
export type Channel = "shell" | "iopub" | "control";

/** A message from the kernel. */
export interface KernelMessage {
  readonly channel: Channel;
  readonly type: string;
  /** Id of the request that this answers, when it answers one. */
  readonly parentId: string | undefined;
  readonly content: Record<string, unknown>;
}

const DELIMITER = "<IDS|MSG>";

/**
 * The frames of a request.
 *
 * @param type such as "execute_request"
 * @param options.id id of the message; the answer's `parentId`
 * @param options.session id of the client
 * @param options.key shared key of the connection, for HMAC-SHA256
 */
export function encodeMessage(
  type: string,
  content: Record<string, unknown>,
  options: { id: string; session: string; key: string },
): Uint8Array[] {
  const header = {
    msg_id: options.id,
    session: options.session,
    username: "caderno",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = createHmac("sha256", options.key);
  for (const part of parts) signature.update(part);
  return [DELIMITER, signature.digest("hex"), ...parts].map((text) =>
    Buffer.from(text)
  );
}

/**
 * Reads a message; its signature is not checked, since only this machine can
 * reach the connection.
 *
 * @throws {SyntaxError} when the frames are not a message
 */
export function decodeMessage(
  channel: Channel,
  frames: readonly Uint8Array[],
): KernelMessage {
  const texts = frames.map((bytes) => new TextDecoder().decode(bytes));
  const start = texts.indexOf(DELIMITER);
  if (start < 0 || texts.length < start + 6) {
    throw new FormatError(
      `Cannot read a kernel message of ${frames.length} frames`,
    );
  }
  const [header, parent, , content] = texts.slice(start + 2, start + 6)
    .map((text) => JSON.parse(text));
  return {
    channel,
    type: header.msg_type,
    parentId: parent.msg_id,
    content,
  };
}
