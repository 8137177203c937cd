/**
 * Keys and values that outlive a text: the next one is read from where it
 * differs. A conversation grows at its end and is read once; questions behind
 * the same examples share these.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import { KvCache } from "./kv_cache.ts";
import type { LlamaConfig } from "./config.ts";

/** The model that reads. */
interface Reader {
  readonly config: LlamaConfig;
  readonly device: Device;
}

/** Number of tokens that both begin with. */
export function commonStart(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a[n] === b[n]) n++;
  return n;
}

/**
 * What `generate` read last, for its next call. It holds for the weights that
 * the model had then: dispose of it after training; another model begins anew.
 * Owns its memory, which grows to the longest text in powers of two.
 */
export class PromptCache implements Disposable {
  #cache: KvCache | undefined;
  #ids: number[] = [];
  #reader: Reader | undefined;

  /** Tokens that are held. */
  get length(): number {
    return this.#ids.length;
  }

  /**
   * The cache with as much of a text as it holds already, all but the last
   * token at most: somebody wants to know what follows that one.
   *
   * @param capacity tokens that must fit, at most the model's context
   */
  begin(
    reader: Reader,
    ids: ArrayLike<number>,
    capacity: number,
  ): KvCache {
    if (this.#reader !== reader) this[Symbol.dispose](); // another's keys
    this.#reader = reader;
    const { config, device } = reader;
    this.#ids.length = Math.min(commonStart(this.#ids, ids), ids.length - 1);
    let cache = this.#cache;
    if (cache) cache.length = this.#ids.length;
    if (!cache || cache.capacity < capacity) {
      const rounded = Math.min(
        2 ** Math.ceil(Math.log2(capacity)),
        config.maxPositionEmbeddings,
      );
      const larger = cache?.repeat(1, rounded) ??
        new KvCache(config, { device, capacity: rounded });
      cache?.[Symbol.dispose]();
      this.#cache = cache = larger;
    }
    return cache;
  }

  /** Notes tokens that the model has read behind the others. */
  advance(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) this.#ids.push(ids[i]!);
  }

  /** Frees the memory; the next text is read from its beginning. */
  [Symbol.dispose](): void {
    this.#cache?.[Symbol.dispose]();
    this.#cache = undefined;
    this.#ids = [];
  }
}
