/**
 * Measured GPU power by `nvidia-smi`, which prints the power of each card once
 * a second: the second choice where NVML itself cannot be loaded.
 *
 * On A100 and H100 the sensor looks at 25 % of the time only (Yang et al.
 * 2023, arXiv 2312.02741), which averages out over long runs.
 *
 * @module
 */
import { DeviceError } from "../util/mod.ts";
import { type EnergyMeter, powerMeter } from "./energy_meter.ts";
import { countNames } from "./gpu_specs.ts";
import { NVIDIA_UNCERTAINTY } from "./nvml.ts";
import { openPowerFeed, PowerAverage } from "./power_feed.ts";
import type { Seconds, Watts } from "./units.ts";

/** Seconds between two lines of one card. */
const PERIOD: Seconds = 1;

interface Card {
  readonly name: string;
  readonly power: PowerAverage;
}

/** Where the numbers come from. */
export interface NvidiaMeterOptions {
  /** Path or name of the program. */
  command?: string;
  /** Longest wait for the first line, in seconds. */
  timeoutSeconds?: Seconds;
  /** Indices of the cards to meter; all by default. */
  gpus?: readonly number[] | undefined;
}

/**
 * Starts `nvidia-smi` and waits for its first reading of all cards.
 *
 * @throws {DeviceError} when the program is not there, may not be run, ends,
 * stays silent, or shows no power (some laptop and older cards)
 */
export async function openNvidiaMeter(
  options: NvidiaMeterOptions = {},
): Promise<EnergyMeter> {
  const { command = "nvidia-smi", timeoutSeconds = 10, gpus } = options;
  const cards = new Map<string, Card>();
  const seen = new Set<string>();
  const { close } = await openPowerFeed({
    what: "GPU power",
    command,
    args: [
      "--query-gpu=count,index,name,power.draw",
      "--format=csv,noheader,nounits",
      `--loop-ms=${PERIOD * 1000}`,
      ...(gpus ? [`--id=${gpus.join()}`] : []),
    ],
    timeoutSeconds,
    onLine(text) {
      const line = parseLine(text);
      if (!line) return false;
      addReading(cards, line);
      const wanted = gpus?.length ?? line.count;
      if (seen.add(line.index).size < wanted) return false;
      if (cards.size > 0) return true;
      throw new DeviceError(
        `Cannot read GPU power: ${command} shows no power of ${line.name}`,
      );
    },
  });
  const deviceNames = [...cards.values()].map(({ name }) => name);
  const meter = powerMeter({
    part: "gpu",
    label: "measured",
    method: `nvidia-smi board power each ${PERIOD} s of ${
      countNames(deviceNames)
    }`,
    uncertainty: NVIDIA_UNCERTAINTY,
  }, (seconds) => Promise.resolve(takePower(cards.values(), seconds)));
  return { ...meter, deviceNames, close };
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
  if (!(watts > 0)) return; // "[N/A]", and 0 W, which no card draws
  const card = cards.get(index) ??
    { name, power: new PowerAverage(3 * PERIOD) };
  card.power.add(watts);
  cards.set(index, card);
}

/** Sum of the cards' mean powers since the last call; undefined: one failed. */
function takePower(
  cards: Iterable<Card>,
  seconds: Seconds,
): Watts | undefined {
  let sum: Watts | undefined = 0;
  for (const { power } of cards) {
    const watts = power.take(seconds); // each one, to forget what it has
    sum = watts === undefined || sum === undefined ? undefined : sum + watts;
  }
  return sum;
}
