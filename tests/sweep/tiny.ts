/**
 * A sweep of models that train in a second.
 *
 * @module
 */
import type { SweepSpec } from "../../lib/sweep/mod.ts";

/** Two sizes, two lengths. */
export const TINY_SWEEP: SweepSpec = {
  depths: [1, 2],
  tokens: [2048, 4096],
  vocabSize: 400,
  contextLength: 32,
  batchSize: 4,
  heldOutTokens: 1024,
};

/** A test whose workers compute on the CPU device: same bits everywhere. */
export function onCpu(name: string, test: () => Promise<void>): void {
  Deno.test(name, async () => {
    const before = Deno.env.get("CADERNO_DEVICE");
    Deno.env.set("CADERNO_DEVICE", "cpu");
    try {
      await test();
    } finally {
      if (before === undefined) Deno.env.delete("CADERNO_DEVICE");
      else Deno.env.set("CADERNO_DEVICE", before);
    }
  });
}
