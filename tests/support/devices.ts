/**
 * Tests that run on every device: the CPU always, WebGPU where Dawn finds an
 * adapter (a software driver counts). With REQUIRE_GPU=1, as in CI, a missing
 * adapter fails; otherwise those tests say that they skip.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Device,
  type DeviceKind,
  openDevice,
} from "../../lib/device/mod.ts";
import "../../lib/kernels/mod.ts";
import { messageOf } from "../../lib/util/mod.ts";

const cpu = await openDevice("cpu");
let gpu: Device | undefined;
let reason = "";
try {
  gpu = await openDevice("webgpu");
} catch (error) {
  reason = messageOf(error);
  if (Deno.env.get("REQUIRE_GPU") === "1") throw error;
}

/** The devices that this machine has. */
export const devices: readonly Device[] = gpu ? [cpu, gpu] : [cpu];

/** A test on each device; live memory must return to where it was. */
export function deviceTest(
  name: string,
  fn: (device: Device) => void | Promise<void>,
  kinds: readonly DeviceKind[] = ["cpu", "webgpu"],
): void {
  for (const kind of kinds) {
    const device = kind === "cpu" ? cpu : gpu;
    Deno.test({
      name: device
        ? `${name} (${kind})`
        : `${name} (${kind}, skipped: ${reason.split("\n")[0]})`,
      ignore: !device,
      fn: async () => {
        const before = device!.memory();
        await fn(device!);
        await device!.sync();
        const { liveBuffers, byLabel } = device!.memory();
        assert.equal(
          liveBuffers,
          before.liveBuffers,
          `buffers left alive: ${JSON.stringify(byLabel)}`,
        );
      },
    });
  }
}
