/**
 * The power of a sweep before it starts. Workers side by side share the power
 * of one machine, which is metered once, while as many of them are at work as
 * there will be. Of a cluster it is assumed, or stated in the sweep.
 *
 * @module
 */
import { join } from "node:path";
import {
  setImmediate as nextTurn,
  setTimeout as wait,
} from "node:timers/promises";
import { openDevice } from "../device/mod.ts";
import {
  expectedPower,
  findPlace,
  type MachinePower,
  meterPower,
  type PlaceOptions,
  readHostFacts,
  type TrackOptions,
} from "../emissions/mod.ts";
import { Llama } from "../model/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import { measureStepSeconds } from "../train/mod.ts";
import { DeviceError, exists, writeFileAtomic } from "../util/mod.ts";
import { openSweepData } from "./sweep_data.ts";
import { readSweepRun, SweepFolder } from "./sweep_folder.ts";
import type { SweepRun } from "./sweep_plan.ts";
import { startWorker } from "./worker_process.ts";

/** Seconds for which the machine is metered. */
const METERED_SECONDS = 1;

const readyFile = (folder: SweepFolder, id: string) => join(folder.busy, id);

/**
 * Takes steps of a run that change nothing until the process is killed, and
 * says by a file when it has begun; for a worker.
 *
 * @throws {DataError} when the sweep has no such run
 */
export async function keepBusy(path: string, id: string): Promise<never> {
  const folder = new SweepFolder(path);
  const { sweep: { common }, run } = await readSweepRun(path, id);
  const { tokens } = await openSweepData(folder, common, run);
  using device = await openDevice();
  using model = Llama.create(run.model, { seed: 0, device });
  const batches = new TokenBatches(tokens, { ...common, seed: 0 });
  for (let isFirst = true;; isFirst = false) {
    await measureStepSeconds(model, batches, run.train, { seconds: 0.1 });
    if (isFirst) await writeFileAtomic(readyFile(folder, id), "");
    await nextTurn(); // so that it hears that its parent has ended
  }
}

/**
 * Power of this machine while the runs are at work side by side, each in a
 * process of its own.
 *
 * @param threads of each
 * @throws {DeviceError} when one of them cannot compute
 */
export async function busyPower(
  folder: SweepFolder,
  runs: readonly SweepRun[],
  threads: number,
  options: TrackOptions,
): Promise<MachinePower> {
  await forgetReady(folder); // of a sweep that was killed
  const workers = runs.map(({ id }) =>
    startWorker(folder, ["--busy", id], threads)
  );
  const ends = workers.map(({ end }) => end);
  const over = new AbortController();
  const { signal } = over;
  const allReady = async () => {
    for (const { id } of runs) {
      while (!await exists(readyFile(folder, id))) {
        await wait(20, undefined, { signal });
      }
    }
  };
  const failure = Promise.race(ends).then(({ reason }) => {
    throw new DeviceError(`Cannot meter a step of the sweep: ${reason}`);
  });
  try {
    await Promise.race([allReady(), failure]);
    const second = () => wait(1000 * METERED_SECONDS, undefined, { signal });
    const { power } = await meterPower(
      () => Promise.race([second(), failure]),
      options,
    );
    return power;
  } finally {
    over.abort();
    for (const worker of workers) worker.kill();
    await Promise.all(ends);
    await forgetReady(folder);
  }
}

async function forgetReady({ busy }: SweepFolder): Promise<void> {
  if (await exists(busy)) await Deno.remove(busy, { recursive: true });
}

/** What a run takes of a node. */
export interface NodeShare {
  readonly threads: number;
  /** Memory of its process. */
  readonly residentBytes: number;
}

/**
 * Power of a run on a cluster: what the sweep states, or else its share of a
 * node like this machine, the threads at full load and the memory that it takes
 * (which is how a job counts itself, see `jobMeterOptions`).
 *
 * @throws {ConfigError} when the place is not in the tables
 */
export async function assumedRunPower(
  wattsPerRun: number | undefined,
  share: NodeShare,
  options: PlaceOptions,
): Promise<MachinePower> {
  const { intensity, pue, notes } = await findPlace(options);
  const place = { project: "sweep", pue, intensity, notes };
  const label = "assumed";
  if (wattsPerRun !== undefined) {
    const method = `${wattsPerRun} W a run stated in the sweep`;
    const part = "machine";
    return { ...place, parts: [{ part, label, method, watts: wattsPerRun }] };
  }
  const host = await readHostFacts();
  const { threads = share.threads, memoryGibibytes = Infinity } = host;
  const takes = async (part: "cpu" | "ram", of: number, what: string) => {
    const node = await expectedPower(part, host);
    const watts = node.watts && Math.min(1, of) * node.watts;
    const method = `${what} of a node like this machine: ${node.method}`;
    return { ...node, label, method, watts } as const;
  };
  const gibibytes = share.residentBytes / 2 ** 30;
  return {
    ...place,
    parts: [
      await takes(
        "cpu",
        share.threads / threads,
        `${share.threads} of ${threads} threads`,
      ),
      await takes(
        "ram",
        gibibytes / memoryGibibytes,
        `${gibibytes.toPrecision(2)} GiB`,
      ),
    ],
  };
}
