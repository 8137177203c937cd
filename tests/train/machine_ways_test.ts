/** Which devices a machine is measured on; that they close, and what is said. */
import assert from "node:assert/strict";
import { openMachine } from "../../lib/train/mod.ts";
import "../../lib/kernels/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

/** Runs `fn` with variables of the environment, which are put back. */
async function withEnv(
  variables: Readonly<Record<string, string>>,
  fn: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(variables).map((name) =>
    [name, Deno.env.get(name)] as const
  );
  for (const [name, value] of Object.entries(variables)) {
    Deno.env.set(name, value);
  }
  try {
    await fn();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("openMachine() opens the processor without a BLAS, and with one if any", () =>
  withEnv({ CADERNO_DEVICE: "cpu" }, async () => {
    const blas = Deno.env.get("CADERNO_BLAS");
    const { ways, leftOut, ...machine } = await openMachine();
    assert.equal(Deno.env.get("CADERNO_BLAS"), blas);
    const [plain, tuned] = ways;
    assert.equal(plain!.name, "CPU");
    assert.doesNotMatch(plain!.device.description, /BLAS|MKL|BLIS/);
    if (tuned) {
      const [, library] = /^CPU, ([A-Za-z].*)$/.exec(tuned.name)!;
      assert.ok(tuned.device.description.includes(library!));
      assert.notEqual(tuned.device, plain!.device);
    }
    assert.equal(leftOut.at(-1), "WebGPU: CADERNO_DEVICE is cpu");
    assert.equal(leftOut.length, tuned ? 1 : 2);
    machine[Symbol.dispose]();
    assert.ok(ways.every(({ device }) => device.isClosed));
  }));

Deno.test("openMachine() takes the processor as it is where CADERNO_BLAS is off", () =>
  withEnv({ CADERNO_DEVICE: "cpu", CADERNO_BLAS: "off" }, async () => {
    using machine = await openMachine();
    assert.deepEqual(machine.ways.map(({ name }) => name), ["CPU"]);
    assert.match(machine.leftOut[0]!, /^CPU with a BLAS: none was found/);
  }));

Deno.test("openMachine() leaves a software driver out, with its name", () =>
  withEnv({ CADERNO_DEVICE: "" }, async () => {
    using machine = await openMachine();
    const isGpu = ({ name }: { readonly name: string }) => /GPU/.test(name);
    const gpus = machine.ways.filter(isGpu);
    assert.ok(gpus.every(({ device }) => !device.isSoftware));
    const reasons = machine.leftOut.filter((line) => /GPU/.test(line));
    assert.equal(reasons.length, gpus.length === 0 ? 1 : 0);
  }));

Deno.test("openMachine() refuses what is not there", async () => {
  await withEnv({ CADERNO_DEVICE: "tpu" }, () =>
    assertFails(
      () => openMachine(),
      DeviceError,
      /CADERNO_DEVICE=tpu: it is webgpu or cpu/,
    ));
  await withEnv(
    { CADERNO_DEVICE: "cpu", CADERNO_BLAS: "libnone.so" },
    () =>
      assertFails(() => openMachine(), DeviceError, /CADERNO_BLAS=libnone\.so/),
  );
});
