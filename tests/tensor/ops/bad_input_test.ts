/**
 * What every operator owes its user when an argument is bad: an error that
 * names it, nothing left in memory, and a device that goes on working.
 */
import assert from "node:assert/strict";
import {
  type BinaryName,
  binaryTable,
  type UnaryName,
  unaryTable,
} from "../../../lib/kernels/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import type { Tensor } from "../../../lib/tensor/mod.ts";
import { DeviceError, FreedError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { devices, deviceTest } from "../../support/devices.ts";

/** A call of every operator with x (2, 3); y is like it, ids is (2, 3) int32. */
const CALLS: [string, (x: Tensor, y: Tensor, ids: Tensor) => unknown][] = [
  ...(Object.keys(unaryTable) as UnaryName[]).map(
    (name): typeof CALLS[0] => [name, (x) => t[name](x)],
  ),
  ...(Object.keys(binaryTable) as BinaryName[]).flatMap(
    (name): typeof CALLS => [
      [`${name}, first`, (x, y) => t[name](x, y)],
      [`${name}, second`, (x, y) => t[name](y, x)],
      [`${name}, number`, (x) => t[name](x, 3)],
    ],
  ),
  ["clamp", (x) => t.clamp(x, { low: 0, high: 1 })],
  ["where, condition", (x, y) => t.where(x, y, 0)],
  ["where, side", (x, y) => t.where(y, 0, x)],
  ["cast", (x) => t.cast(x, "int32")],
  ["sum", (x) => t.sum(x)],
  ["mean", (x) => t.mean(x)],
  ["max", (x) => t.max(x, { axis: 0 })],
  ["min", (x) => t.min(x)],
  ["argmax", (x) => t.argmax(x)],
  ["argmin", (x) => t.argmin(x, { axis: 1 })],
  ["logsumexp", (x) => t.logsumexp(x)],
  ["variance", (x) => t.variance(x)],
  ["std", (x) => t.std(x)],
  ["softmax", (x) => t.softmax(x)],
  ["softmax over axis 0", (x) => t.softmax(x, { axis: 0 })],
  ["logSoftmax", (x) => t.logSoftmax(x)],
  ["rmsNorm", (x, y) => t.rmsNorm(x, y, 1)],
  ["layerNorm", (x) => t.layerNorm(x, { weight: x, eps: 1 })],
  ["dropout", (x) => t.dropout(x, { rate: 0.5, seed: 1 })],
  ["reshape", (x) => t.reshape(x, [6])],
  ["transpose", (x) => t.transpose(x)],
  ["slice", (x) => t.slice(x, 0, {})],
  ["assignSlice, target", (x, y) => t.assignSlice(x, y, 0, 0)],
  ["assignSlice, source", (x, y) => t.assignSlice(y, x, 0, 0)],
  ["concat", (x, y) => t.concat([y, x], 0)],
  ["stack", (x, y) => t.stack([y, x], 0)],
  ["split", (x) => t.split(x, 1, 3)],
  ["pad", (x) => t.pad(x, [[1, 1], [1, 1]])],
  ["broadcastTo", (x) => t.broadcastTo(x, [2, 2, 3])],
  ["embedding", (x, _, ids) => t.embedding(x, ids)],
  ["take", (x, _, ids) => t.take(x, ids)],
  ["gather", (x, _, ids) => t.gather(x, ids)],
  ["scatterAdd", (x, y, ids) => t.scatterAdd(x, { ids, source: y })],
  ["scatterAdd, source", (x, y, ids) => t.scatterAdd(y, { ids, source: x })],
];

deviceTest("every operator names a freed tensor", async (device) => {
  using y = t.ones([2, 3], { device });
  using ids = t.zeros([2, 3], { device, dtype: "int32" });
  using freed = t.full([2, 3], 1, { device, label: "weight 7" });
  freed.dispose();
  for (const [name, call] of CALLS) {
    const before = device.memory().liveBuffers;
    using _ = t.scope(name);
    await assertFails(
      () => call(freed, y, ids),
      FreedError,
      /tensor "weight 7" \(2, 3\) was freed by dispose\(\)/,
    );
    assert.equal(device.memory().liveBuffers, before, name);
  }
  using total = t.sum(y);
  assert.equal(await total.item(), 6);
});

Deno.test({
  name: "every operator of two tensors refuses two devices",
  ignore: devices.length < 2,
  fn: async () => {
    const [device, elsewhere] = devices;
    using _ = t.scope();
    const x = t.ones([2, 3], { device: elsewhere! });
    const y = t.ones([2, 3], { device: device! });
    const ids = t.zeros([2, 3], { device: device!, dtype: "int32" });
    const several = [
      ...["first", "second", "where", "rmsNorm", "assignSlice", "concat"],
      ...["stack", "embedding", "take", "gather", "scatterAdd"],
    ];
    for (const [name, call] of CALLS) {
      if (!several.some((part) => name.includes(part))) continue;
      await assertFails(
        () => call(x, y, ids),
        DeviceError,
        /tensors of two devices/,
      );
    }
    assert.equal(await t.sum(x).item(), 6);
    assert.equal(await t.sum(y).item(), 6);
  },
});
