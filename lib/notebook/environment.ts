/**
 * Where a notebook ran: versions, processor, memory, device, as one line that
 * belongs to every result.
 *
 * @module
 */
import { cpus, totalmem } from "node:os";
import { formatBytes } from "../util/mod.ts";
import { DISPLAY, escapeHtml, type MediaBundle } from "./jupyter.ts";

/** What a notebook stands on; made by `setup`. */
export class Environment {
  /** Version of Caderno. */
  readonly caderno: string;
  readonly deno: string = Deno.version.deno;
  /** "linux-x86_64". */
  readonly platform = `${Deno.build.os}-${Deno.build.arch}`;
  readonly processor: string = cpus()[0]?.model.trim() || "unknown processor";
  readonly numCores: number = navigator.hardwareConcurrency;
  readonly memoryBytes: number = totalmem();
  /** One line about the device where tensors live, when it was asked. */
  readonly device: string | undefined;

  constructor(caderno: string, device?: string) {
    this.caderno = caderno;
    this.device = device;
  }

  toString(): string {
    return [
      `Caderno ${this.caderno}`,
      `Deno ${this.deno}`,
      this.platform,
      `${this.numCores} × ${this.processor}`,
      formatBytes(this.memoryBytes),
      this.device,
    ].filter(Boolean).join(" · ");
  }

  [DISPLAY](): MediaBundle {
    const text = this.toString();
    // As HTML the line wraps where the page is narrow.
    return { "text/html": escapeHtml(text), "text/plain": text };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** Version in the project's deno.json, or "unknown" where that is not a file. */
export async function cadernoVersion(): Promise<string> {
  try {
    const url = new URL("../../deno.json", import.meta.url);
    const { version } = JSON.parse(await Deno.readTextFile(url));
    return String(version);
  } catch {
    return "unknown";
  }
}
