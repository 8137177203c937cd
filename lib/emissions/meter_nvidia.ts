/**
 * Measured GPU power: one `nvidia-smi` process that prints the power of each
 * card once a second. Starting a process for each sample would cost tens of
 * milliseconds; a running one costs nothing and averages within the interval.
 *
 * Readings are averaged by count, not by the time they arrive, so a program
 * that blocks its event loop for minutes still gets the right mean. On A100
 * and H100 the sensor looks at 25 % of the time only (Yang et al. 2023,
 * arXiv 2312.02741), which averages out over long runs.
 *
 * @module
 */
import { DeviceError, messageOf } from "../util/mod.ts";
import { type EnergyMeter, powerMeter } from "./energy_meter.ts";
import { countNames } from "./gpu_specs.ts";
import type { Seconds, Watts } from "./units.ts";

/** Seconds between two lines of one card. */
const PERIOD: Seconds = 1;
/** Silence after which the last power is no longer believed. */
const LONGEST_SILENCE: Seconds = 3 * PERIOD;

interface Card {
  readonly name: string;
  latest: Watts;
  sum: Watts;
  count: number;
}

/** Where the numbers come from. */
export interface NvidiaMeterOptions {
  /** Path or name of the program. */
  command?: string;
  /** Longest wait for the first line, in seconds. */
  timeoutSeconds?: Seconds;
}

/**
 * Starts `nvidia-smi` and waits for its first reading of all cards.
 *
 * @throws {DeviceError} when the program is not there, may not be run, ends,
 * stays silent, or shows no power (some laptop and older cards)
 */
export async function openNvidiaMeter(
  { command = "nvidia-smi", timeoutSeconds = 10 }: NvidiaMeterOptions = {},
): Promise<EnergyMeter> {
  const child = startProcess(command);
  child.unref();
  const cards = new Map<string, Card>();
  const close = () => {
    removeEventListener("unload", close);
    try {
      child.kill();
    } catch {
      // it has ended by itself
    }
  };
  addEventListener("unload", close); // a forgotten meter ends with its program
  try {
    await firstReading(child, cards, command, timeoutSeconds);
  } catch (error) {
    close();
    throw error;
  }
  const deviceNames = [...cards.values()].map(({ name }) => name);
  let silence: Seconds = 0;
  const meter = powerMeter({
    part: "gpu",
    label: "measured",
    method: `nvidia-smi board power each ${PERIOD} s of ${
      countNames(deviceNames)
    }`,
  }, (seconds) => {
    silence = [...cards.values()].every(({ count }) => count > 0)
      ? 0
      : silence + seconds;
    return Promise.resolve(
      silence > LONGEST_SILENCE ? undefined : takeMeans(cards.values()),
    );
  });
  return { ...meter, deviceNames, close };
}

function startProcess(command: string): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [
        "--query-gpu=count,index,name,power.draw",
        "--format=csv,noheader,nounits",
        `--loop-ms=${PERIOD * 1000}`,
      ],
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

/** Resolves once every card was seen; goes on filling `cards` after that. */
function firstReading(
  child: Deno.ChildProcess,
  cards: Map<string, Card>,
  command: string,
  timeoutSeconds: Seconds,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (what: string) =>
    reject(new DeviceError(`Cannot read GPU power: ${command} ${what}`));
  const timer = setTimeout(
    () => fail(`named no card within ${timeoutSeconds} s`),
    timeoutSeconds * 1000,
  );
  const listen = async () => {
    const seen = new Set<string>();
    for await (const line of linesOf(child.stdout)) {
      const reading = parseLine(line);
      if (!reading) continue;
      addReading(cards, reading);
      if (seen.add(reading.index).size < reading.count) continue;
      if (cards.size > 0) resolve();
      else fail(`shows no power of ${reading.name}`);
    }
    fail("ended without naming all cards");
  };
  listen().catch((error) => fail(messageOf(error)));
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

interface PowerLine {
  /** Number of cards in the machine. */
  readonly count: number;
  readonly index: string;
  readonly name: string;
  /** NaN where the driver prints "[N/A]". */
  readonly watts: Watts;
}

/** "2, 0, NVIDIA A100-SXM4-40GB, 327.12"; undefined for any other line. */
function parseLine(line: string): PowerLine | undefined {
  const cells = line.split(",").map((cell) => cell.trim());
  const [count, index, name, power] = cells;
  if (cells.length !== 4 || !/^\d+$/.test(count!)) return undefined;
  return {
    count: Number(count),
    index: index!,
    name: name!,
    watts: Number(power),
  };
}

function addReading(cards: Map<string, Card>, line: PowerLine): void {
  const { index, name, watts } = line;
  if (!Number.isFinite(watts)) return;
  const card = cards.get(index) ?? { name, latest: watts, sum: 0, count: 0 };
  card.latest = watts;
  card.sum += watts;
  card.count++;
  cards.set(index, card);
}

/** Sum of the cards' mean powers since the last call, which it forgets. */
function takeMeans(cards: Iterable<Card>): Watts {
  let watts = 0;
  for (const card of cards) {
    watts += card.count > 0 ? card.sum / card.count : card.latest;
    card.sum = card.count = 0;
  }
  return watts;
}
