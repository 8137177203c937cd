/**
 * Measured choices: asked for once, measured when the program waits, kept on
 * disk, and never taken from a damaged file.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  TuningCache,
  tuningMode,
  tuningPath,
} from "../../../lib/device/webgpu/tuning.ts";
import { ConfigError, DeviceError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";

/** A measurement that counts how often it was made. */
function counted(choice: string) {
  const measure = () => {
    measure.calls++;
    return Promise.resolve(choice);
  };
  measure.calls = 0;
  return measure;
}

Deno.test("TuningCache measures once and keeps the choice on disk", () =>
  inFolder(async (folder) => {
    const path = tuningPath("Some GPU (driver 1.2)", folder);
    assert.equal(path, join(folder, "some-gpu-driver-1-2.json"));
    const cache = new TuningCache(path, "on");
    const measure = counted("wide");
    assert.equal(cache.choose("a", measure), undefined);
    assert.equal(cache.choose("a", measure), undefined);
    assert.equal(measure.calls, 0); // nothing is measured before settle()
    assert.equal(await cache.settle(), 1);
    assert.equal(measure.calls, 1);
    assert.equal(cache.choose("a", measure), "wide");
    assert.equal(await cache.settle(), 0);

    const later = new TuningCache(path, "on");
    assert.equal(later.choose("a", measure), "wide");
    const forced = new TuningCache(path, "force");
    assert.equal(forced.choose("a", counted("tall")), undefined);
    await forced.settle();
    assert.equal(forced.choose("a", measure), "tall");
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), { a: "tall" });
  }));

Deno.test("TuningCache keeps what another process added", () =>
  inFolder(async (folder) => {
    const path = tuningPath("gpu", folder);
    const [one, two] = [
      new TuningCache(path, "on"),
      new TuningCache(path, "on"),
    ];
    one.choose("a", counted("x"));
    two.choose("b", counted("y"));
    await one.settle();
    await two.settle();
    const kept = JSON.parse(await Deno.readTextFile(path));
    assert.deepEqual(kept, { a: "x", b: "y" });
  }));

Deno.test("TuningCache measures again after a damaged file", () =>
  inFolder(async (folder) => {
    const path = tuningPath("gpu", folder);
    for (const text of ["{ not JSON", '{"a": 3}', "null", "[]"]) {
      await Deno.writeTextFile(path, text);
      const cache = new TuningCache(path, "on");
      assert.equal(cache.choose("a", counted("x")), undefined, text);
      await cache.settle();
      assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), { a: "x" });
    }
  }));

Deno.test("TuningCache leaves a key alone that has no room to measure", () =>
  inFolder(async (folder) => {
    const path = tuningPath("gpu", folder);
    const cache = new TuningCache(path, "on");
    let calls = 0;
    const fails = () => {
      calls++;
      return Promise.reject(new DeviceError("no room"));
    };
    cache.choose("a", fails);
    await cache.settle();
    assert.equal(cache.choose("a", fails), "");
    await cache.settle();
    assert.equal(calls, 1);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), {});
  }));

Deno.test("TuningCache takes no wishes of a measurement itself", () =>
  inFolder(async (folder) => {
    const cache = new TuningCache(tuningPath("gpu", folder), "on");
    const inner = counted("inner");
    cache.choose("a", async () => {
      cache.choose("b", inner);
      assert.equal(await cache.settle(), 0); // a sync inside of a measurement
      return "outer";
    });
    assert.equal(await cache.settle(), 1);
    assert.equal(inner.calls, 0);
  }));

Deno.test("tuningMode() is off on software, and CADERNO_TUNE decides", async () => {
  const before = Deno.env.get("CADERNO_TUNE");
  try {
    Deno.env.delete("CADERNO_TUNE");
    assert.equal(tuningMode(true), "off");
    assert.equal(tuningMode(false), "on");
    Deno.env.set("CADERNO_TUNE", "force");
    assert.equal(tuningMode(true), "force");
    Deno.env.set("CADERNO_TUNE", "maybe");
    const message = /CADERNO_TUNE=maybe: it is off, on or force/;
    await assertFails(() => tuningMode(true), ConfigError, message);
  } finally {
    if (before === undefined) Deno.env.delete("CADERNO_TUNE");
    else Deno.env.set("CADERNO_TUNE", before);
  }
});
