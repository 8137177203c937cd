/**
 * Keys and values that outlive a pass.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, sameShape, ShapeError } from "../../util/mod.ts";
import type { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/**
 * Writes new keys and values behind the first `start` tokens of a cache, in
 * place; the tape does not notice.
 *
 * @param cache keys and values (B, capacity, G, D)
 * @param added keys and values (B, T, G, D)
 * @throws {ShapeError} when the new ones do not fit there
 */
export function appendCache(
  cache: { readonly keys: Tensor; readonly values: Tensor },
  added: { readonly keys: Tensor; readonly values: Tensor },
  start: number,
): void {
  const all = [cache.keys, cache.values, added.keys, added.values];
  checkInputs("appendCache", all);
  const { device, shape } = cache.keys;
  const [batch, time, groups, headSize] = added.keys.shape;
  const [, capacity] = shape;
  const fits = shape.length === 4 &&
    sameShape(cache.values.shape, shape) &&
    sameShape(added.values.shape, added.keys.shape) &&
    sameShape(added.keys.shape, shape.with(1, time!)) &&
    start >= 0 && start + time! <= capacity!;
  if (!fits) {
    throw new ShapeError(
      `Cannot write keys ${formatShape(added.keys.shape)} and values ` +
        `${formatShape(added.values.shape)} behind ${start} tokens of caches ` +
        `${formatShape(shape)} and ${formatShape(cache.values.shape)}: ` +
        "wanted (B, T, G, D) and (B, capacity, G, D)",
    );
  }
  const [keys, values, k, v] = all.map((x) => x.bufferFor("appendCache()"));
  kernels.appendCache(
    device,
    { keys: keys!, values: values!, k: k!, v: v! },
    {
      ...{ batch: batch!, time: time!, capacity: capacity!, start },
      width: groups! * headSize!,
    },
  );
}
