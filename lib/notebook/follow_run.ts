/**
 * A run that goes on somewhere else: another terminal, another notebook,
 * another machine with the same folder. It is known by its log alone.
 *
 * @module
 */
import { join } from "node:path";
import type { TrainRecord } from "../train/mod.ts";
import { LogTail } from "./log_tail.ts";
import { readEnergyLabel, readRunFacts } from "./run_facts.ts";
import { type RunState, runStateOf } from "./run_state.ts";
import { RunStatus } from "./run_status.ts";

/** What a look at the log brought. */
export interface RunNews {
  /** Records since the look before; none when nothing has come. */
  readonly records: readonly TrainRecord[];
  /** All records so far, taken together. */
  readonly status: RunStatus;
  readonly state: RunState;
}

/** Seconds since a file has changed; 0 when there is none. */
async function ageOf(path: string): Promise<number> {
  try {
    const { mtime } = await Deno.stat(path);
    return mtime ? (Date.now() - mtime.getTime()) / 1000 : 0;
  } catch {
    return 0;
  }
}

/**
 * Looks into the log of a run a few times a second, until the run is over (the
 * last news says how) or `signal` is aborted (the run goes on without us).
 *
 * @param folder of the run; its log may come later, its settings are there
 * @param options.pollSeconds between two looks
 * @throws {DataError} when the folder holds no `config.json`
 * @throws {FormatError} when a file is damaged
 */
export async function* followRun(
  folder: string,
  { signal, pollSeconds = 0.25 }: {
    readonly signal?: AbortSignal | undefined;
    readonly pollSeconds?: number;
  } = {},
): AsyncGenerator<RunNews, void> {
  const status = new RunStatus(await readRunFacts(folder));
  const tail = new LogTail<TrainRecord>(join(folder, "log.jsonl"));
  // A log that nobody has touched for long is quiet already.
  let newsAt = performance.now() - 1000 * await ageOf(tail.path);
  for (let look = 0; !signal?.aborted; look++) {
    const records = await tail.read();
    for (const record of records) status.add(record);
    if (records.length > 0) {
      const energyLabel = await readEnergyLabel(folder);
      status.facts = { ...status.facts, energyLabel };
      if (look > 0) newsAt = performance.now();
    }
    const quiet = (performance.now() - newsAt) / 1000;
    const state = await runStateOf(folder, status, quiet);
    yield { records, status, state };
    if (state !== "running") return;
    await new Promise((resolve) => setTimeout(resolve, 1000 * pollSeconds));
  }
}
