/**
 * Generation token by token: the pass behind one new token of every row. Its
 * launches are the same each time but for the place of the token, so a device
 * that can record (device/recording.ts) replays it, and the program's part of a
 * token falls to a third. A subclass may do other work for every token: it is
 * launched.
 *
 * @module
 */
import type { Recording } from "../device/mod.ts";
import {
  keep,
  noGrad,
  type Tensor,
  type TensorData,
  zeros,
} from "../tensor/mod.ts";
import type { KvCache } from "./kv_cache.ts";
import { Llama } from "./llama.ts";

/** Passes before one is recorded: in them kernels are compiled and measured. */
const WARM_UP = 2;

/** Passes over one cache; owns what they share. */
export class DecodeStep implements Disposable {
  readonly #model: Llama;
  readonly #cache: KvCache;
  /** (B, 1) int32. */
  readonly #ids: Tensor;
  readonly #canReplay: boolean;
  #logits: Tensor | undefined;
  #recording: Recording | undefined;
  #given = 0;

  /** @param batch rows of the cache */
  constructor(model: Llama, cache: KvCache, batch: number) {
    this.#model = model;
    this.#cache = cache;
    const { device } = model;
    this.#canReplay = model.constructor === Llama;
    this.#ids = keep(
      zeros([batch, 1], { device, dtype: "int32", label: "new tokens" }),
    );
  }

  /** Whether the next pass will be a replay. */
  get isRecorded(): boolean {
    return this.#recording?.isAlive ?? false;
  }

  /**
   * Logits (B, V) behind new tokens, which go into the cache.
   *
   * @param ids one a row
   * @throws {ShapeError} when the context is full
   */
  async next(ids: readonly number[]): Promise<TensorData> {
    const { device, config } = this.#model;
    const { length, capacity } = this.#cache;
    this.#ids.write(Int32Array.from(ids));
    const isRoom = length < Math.min(capacity, config.maxPositionEmbeddings);
    if (isRoom && this.isRecorded) {
      this.#recording!.replay({ start: length, keys: length + 1 });
      this.#cache.advance(1);
    } else if (
      this.#canReplay && isRoom && device.record && this.#given >= WARM_UP
    ) {
      this.#forget();
      [this.#logits, this.#recording] = device.record(() => this.#forward());
    } else {
      this.#forget();
      this.#logits = this.#forward();
    }
    this.#given++;
    return await this.#logits!.data();
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.#ids.dispose();
  }

  #forward(): Tensor {
    const options = { cache: this.#cache, lastOnly: true };
    return keep(noGrad(() => this.#model.forward(this.#ids, options)));
  }

  #forget(): void {
    this.#logits?.dispose();
    this.#logits = undefined;
    this.#recording?.[Symbol.dispose]();
    this.#recording = undefined;
  }
}
