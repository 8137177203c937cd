/** Outside of a notebook `setup` and `show` do no more than print. */
import assert from "node:assert/strict";
import { currentDevice } from "../../lib/device/mod.ts";
import { setup, show, table } from "../../lib/notebook/mod.ts";
import { figure } from "../../lib/plots/mod.ts";

/** What `fn` prints by console.log. */
async function printed(fn: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const original = console.log;
  console.log = (...args) => lines.push(args.join(" "));
  try {
    await fn();
  } finally {
    console.log = original;
  }
  return lines;
}

Deno.test("setup() says what the code runs on, in one line", async () => {
  const environment = await setup();
  assert.match(
    String(environment),
    /^Caderno \d+\.\d+\.\d+ · Deno \d\S+ · \w+-\w+ · \d+ × .+ · [\d.]+ \w?i?B$/,
  );
  assert.equal(Deno.inspect(environment), String(environment));
  assert.equal(environment.deno, Deno.version.deno);
});

Deno.test("setup() opens a device when asked, and names it", async () => {
  const environment = await setup({ device: "cpu" });
  using device = currentDevice();
  assert.equal(environment.device, device.description);
  assert.ok(String(environment).endsWith(` · ${device.description}`));
});

Deno.test("show() prints text in a terminal", async () => {
  assert.deepEqual(await printed(() => show("hello")), ["hello"]);
  assert.deepEqual(await printed(() => show(table([{ a: 1 }]))), ["a\n-\n1"]);
  assert.deepEqual(await printed(() => show(figure([{ y: [1] }]))), [
    "Figure: 1 × scatter",
  ]);
  assert.deepEqual(await printed(() => show([1, 2])), ["[ 1, 2 ]"]);
});

Deno.test("show() gives a handle that is quiet in a terminal", async () => {
  const lines = await printed(async () => {
    const handle = await show("first");
    handle.update("second");
    await handle.finish();
  });
  assert.deepEqual(lines, ["first"]);
});
