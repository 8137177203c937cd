/** The signal of the stop button; the button itself is in live_test.ts. */
import assert from "node:assert/strict";
import { interruptNow } from "../../lib/notebook/interrupt.ts";
import { interrupted } from "../../lib/notebook/mod.ts";
import { InterruptedError } from "../../lib/util/mod.ts";

Deno.test("interrupted() is one signal until it is aborted, then a new one", () => {
  const first = interrupted();
  assert.equal(interrupted(), first);
  assert.equal(first.aborted, false);
  assert.equal(interruptNow(), true);
  assert.equal(first.aborted, true);
  assert.throws(() => first.throwIfAborted(), InterruptedError);
  const second = interrupted();
  assert.notEqual(second, first);
  assert.equal(second.aborted, false);
});

Deno.test("interruptNow() says when nobody looks", () => {
  interrupted();
  assert.equal(interruptNow(), true);
  assert.equal(interruptNow(), false);
});
