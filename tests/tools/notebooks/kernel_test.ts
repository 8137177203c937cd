/**
 * The kernel client against the real kernel. The kernel of Deno 2.9 reports a
 * cell as done before its outputs are out: a client without a marker loses 3
 * to 80 % of those below, so a complete count shows that nothing is lost.
 */
import assert from "node:assert/strict";
import { InterruptedError } from "../../../lib/util/mod.ts";
import { Kernel, KernelError } from "../../../tools/notebooks/kernel.ts";
import type { KernelMessage } from "../../../tools/notebooks/kernel_message.ts";
import { assertFails } from "../../support/assert_close.ts";

const cwd = Deno.cwd();

/** Runs a cell and keeps its outputs. */
async function run(kernel: Kernel, code: string): Promise<{
  status: string;
  outputs: KernelMessage[];
}> {
  const outputs: KernelMessage[] = [];
  const status = await kernel.execute(code, {
    timeoutSeconds: 60,
    onMessage: (message) => {
      if (!/^(status|execute_input)$/.test(message.type)) outputs.push(message);
    },
  });
  return { status, outputs };
}

function streamText(outputs: readonly KernelMessage[]): string {
  return outputs.filter(({ type }) => type === "stream")
    .map(({ content }) => content.text).join("");
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `${i}\n`).join("");
}

Deno.test("Kernel loses no output", async (t) => {
  await using kernel = await Kernel.start({ cwd });

  await t.step("of 60 small values", async () => {
    for (let i = 0; i < 60; i++) {
      const { outputs } = await run(kernel, `${i}`);
      assert.equal(outputs.length, 1, `cell ${i}`);
      assert.deepEqual(outputs[0]!.content.data, { "text/plain": `${i}` });
    }
  });

  await t.step("of 10 displays and values of 200 kB", async () => {
    const bundle = `{ "text/plain": "x".repeat(200_000) }`;
    for (let i = 0; i < 10; i++) {
      const { outputs } = await run(
        kernel,
        `await Deno.jupyter.display(${bundle}, { raw: true });
        ({ [Symbol.for("Jupyter.display")]: () => (${bundle}) })`,
      );
      const sizes = outputs.map(({ content }) =>
        (content.data as Record<string, string>)["text/plain"]!.length
      );
      assert.deepEqual(sizes, [200_000, 200_000], `cell ${i}`);
    }
  });

  await t.step("of cells that print many lines", async () => {
    const print = (count: number): string =>
      `for (let i = 0; i < ${count}; i++) console.log(i)`;
    for (const count of [50, 50, 50, 50, 1000, 1000]) {
      const { outputs } = await run(kernel, print(count));
      assert.equal(streamText(outputs), lines(count));
    }
  });

  await t.step("before a throw", async () => {
    for (let i = 0; i < 5; i++) {
      const { status, outputs } = await run(
        kernel,
        `for (let i = 0; i < 50; i++) console.log(i);
        throw new RangeError("at the end")`,
      );
      assert.equal(status, "error");
      assert.equal(streamText(outputs), lines(50));
      const error = outputs.find(({ type }) => type === "error");
      assert.equal(error?.content.ename, "RangeError");
    }
  });
});

Deno.test("Kernel keeps names, takes TypeScript and awaits", async () => {
  await using kernel = await Kernel.start({ cwd });
  await run(kernel, "const a: number = await Promise.resolve(2)");
  const { outputs } = await run(kernel, "a * 21");
  assert.deepEqual(outputs[0]!.content.data, { "text/plain": "42" });
});

Deno.test("Kernel.start() sets the folder and variables", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using kernel = await Kernel.start({
      cwd: folder,
      env: { CADERNO_TEST: "yes" },
    });
    const { outputs } = await run(
      kernel,
      `console.log(Deno.cwd(), Deno.env.get("CADERNO_TEST"))`,
    );
    assert.equal(streamText(outputs), `${await Deno.realPath(folder)} yes\n`);
  }
  await Deno.remove(folder);
});

Deno.test("Kernel.execute() tells of a syntax error without details", async () => {
  await using kernel = await Kernel.start({ cwd });
  const { status, outputs } = await run(kernel, "const = 1");
  assert.equal(status, "error");
  assert.deepEqual(outputs, []);
});

Deno.test("Kernel.execute() fails when its time is over", async () => {
  await using kernel = await Kernel.start({ cwd });
  await assertFails(
    () =>
      kernel.execute("await new Promise(() => {})", { timeoutSeconds: 0.3 }),
    KernelError,
    /did not answer in 0.3 s/,
  );
});

Deno.test("Kernel.execute() ends on a signal", async () => {
  await using kernel = await Kernel.start({ cwd });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  const { signal } = stop;
  const forever = "await new Promise(() => {})";
  await assertFails(
    () => kernel.execute(forever, { signal }),
    InterruptedError,
    /Stopped/,
  );
  await assertFails(
    () => kernel.execute("1", { signal }),
    InterruptedError,
    /Stopped/,
  );
});

Deno.test("Kernel.execute() tells how the kernel died", async () => {
  await using kernel = await Kernel.start({ cwd });
  await assertFails(
    () => kernel.execute("Deno.exit(3)"),
    KernelError,
    /^The kernel died with exit code 3 and wrote no error$/,
  );
});

Deno.test("Kernel.start() tells why no kernel comes up", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/deno.json`, '{ "imports": 5 ');
  await assertFails(
    () => Kernel.start({ cwd: folder }),
    KernelError,
    /died with exit code 1; the end of its stderr:\n[^]*deno\.json/,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Kernel.interrupt() ends a kernel that does not listen", async () => {
  await using kernel = await Kernel.start({ cwd });
  setTimeout(() => kernel.interrupt(), 200);
  await assertFails(
    () => kernel.execute("while (true);"),
    KernelError,
    /died with SIGINT/,
  );
});

Deno.test("Kernel.shutdown() leaves no process and can be repeated", async () => {
  const kernel = await Kernel.start({ cwd });
  // Timers and servers would keep a script alive.
  await run(
    kernel,
    "setInterval(() => {}, 1000); Deno.serve({ port: 0 }, () => new Response())",
  );
  await kernel.shutdown();
  await kernel.shutdown();
  assert.throws(() => Deno.kill(kernel.pid, "SIGTERM"));
});
