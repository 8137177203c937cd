/**
 * Generation token by token: the pass behind one new token of every row. Its
 * launches are the same each time but for the place of the token, so a device
 * that can record replays it (device/repeated_work.ts), and the program's part
 * of a token falls to a third.
 *
 * @module
 */
import { RepeatedWork } from "../device/mod.ts";
import {
  keep,
  noGrad,
  type Tensor,
  type TensorData,
  zeros,
} from "../tensor/mod.ts";
import type { KvCache } from "./kv_cache.ts";
import type { Llama } from "./llama.ts";

/** Passes over one cache; owns what they share. */
export class DecodeStep implements Disposable {
  readonly #model: Llama;
  readonly #cache: KvCache;
  /** (B, 1) int32. */
  readonly #ids: Tensor;
  readonly #work: RepeatedWork;
  #logits: Tensor | undefined;

  /** @param batch rows of the cache */
  constructor(model: Llama, cache: KvCache, batch: number) {
    this.#model = model;
    this.#cache = cache;
    const { device } = model;
    this.#work = new RepeatedWork(device, model.launchesAlike);
    this.#ids = keep(
      zeros([batch, 1], { device, dtype: "int32", label: "new tokens" }),
    );
  }

  /** Whether the next pass will be a replay. */
  get isRecorded(): boolean {
    return this.#work.isRecorded;
  }

  /**
   * Logits (B, V) behind new tokens, which go into the cache.
   *
   * @param ids one a row
   * @throws {ShapeError} when the context is full
   */
  async next(ids: readonly number[]): Promise<TensorData> {
    const { maxPositionEmbeddings } = this.#model.config;
    const { length, capacity } = this.#cache;
    this.#ids.write(Int32Array.from(ids));
    const isRoom = length < Math.min(capacity, maxPositionEmbeddings);
    const place = { start: length, keys: length + 1 };
    const forward = () => this.#forward();
    if (!isRoom || !this.#work.repeat(forward, place)) forward();
    // A replay does not count its token.
    if (this.#cache.length === length) this.#cache.advance(1);
    return await this.#logits!.data();
  }

  [Symbol.dispose](): void {
    this.#logits?.dispose();
    this.#work.release();
    this.#ids.dispose();
  }

  #forward(): void {
    const options = { cache: this.#cache, lastOnly: true };
    this.#logits?.dispose();
    this.#logits = keep(
      noGrad(() => this.#model.forward(this.#ids, options)),
    );
  }
}
