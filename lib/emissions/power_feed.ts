/**
 * Power as another program prints it, line by line, for as long as we run:
 * `nvidia-smi`, `powermetrics`. Starting a program for each sample would cost
 * tens of milliseconds; a running one costs nothing and averages within the
 * interval.
 *
 * Values are averaged by count, not by the time they arrive, so a program that
 * blocks its event loop for minutes still gets the right mean.
 *
 * @module
 */
import { DeviceError, messageOf } from "../util/mod.ts";
import type { Seconds, Watts } from "./units.ts";

/** Power of one thing: the mean of what came since it was last asked for. */
export class PowerAverage {
  readonly #longestSilence: Seconds;
  #latest: Watts | undefined;
  #sum: Watts = 0;
  #count = 0;
  #silence: Seconds = 0;

  /** @param longestSilence time after which the last power is not believed */
  constructor(longestSilence: Seconds) {
    this.#longestSilence = longestSilence;
  }

  add(watts: Watts): void {
    this.#latest = watts;
    this.#sum += watts;
    this.#count++;
  }

  /**
   * Mean since the last call, which it forgets; without a new value the last
   * one, and undefined before the first and after a long silence.
   *
   * @param seconds time since the last call
   */
  take(seconds: Seconds): Watts | undefined {
    this.#silence = this.#count > 0 ? 0 : this.#silence + seconds;
    if (this.#silence > this.#longestSilence) return undefined;
    const mean = this.#count > 0 ? this.#sum / this.#count : this.#latest;
    this.#sum = this.#count = 0;
    return mean;
  }
}

/** A program that prints power and what to make of its lines. */
export interface PowerFeedOptions {
  /** What is read, for messages: "GPU power". */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Longest wait until `onLine` is content, in seconds. */
  readonly timeoutSeconds: Seconds;
  /**
   * Takes a line; true once everything was seen.
   *
   * @throws {DeviceError} when the program will never tell
   */
  readonly onLine: (line: string) => boolean;
}

/** The running program. */
export interface PowerFeed {
  /** Ends the program. */
  close(): void;
}

/**
 * Starts the program and waits until `onLine` is content; lines go on being
 * taken after that. The program ends with ours.
 *
 * @throws {DeviceError} when it is not there, may not be run, ends, or stays
 * silent
 */
export async function openPowerFeed(
  options: PowerFeedOptions,
): Promise<PowerFeed> {
  const child = startProcess(options);
  child.unref();
  let isOpen = true;
  const close = () => {
    isOpen = false;
    removeEventListener("unload", close);
    try {
      child.kill();
    } catch {
      // It has ended by itself, or runs as root: without a reader it ends too.
    }
  };
  addEventListener("unload", close); // a forgotten feed ends with its program
  try {
    await firstReading(child, options, () => isOpen);
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

function startProcess(
  { command, args }: PowerFeedOptions,
): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "it is not installed"
      : messageOf(error);
    throw new DeviceError(`Cannot run ${command}: ${reason}`);
  }
}

function firstReading(
  child: Deno.ChildProcess,
  { what, command, timeoutSeconds, onLine }: PowerFeedOptions,
  isOpen: () => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (why: string) =>
    reject(new DeviceError(`Cannot read ${what}: ${command} ${why}`));
  const timer = setTimeout(
    () => fail(`did not show it within ${timeoutSeconds} s`),
    timeoutSeconds * 1000,
  );
  const listen = async () => {
    for await (const line of linesOf(child.stdout)) {
      if (!isOpen()) return; // which closes our end of the pipe
      if (onLine(line)) resolve();
    }
    fail("ended without showing it");
  };
  listen().catch((error) =>
    error instanceof DeviceError ? reject(error) : fail(messageOf(error))
  );
  return promise.finally(() => clearTimeout(timer));
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
