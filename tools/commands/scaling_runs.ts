/**
 * The table of runs that the commands of `caderno scaling` read.
 *
 * @module
 */
import {
  DataError,
  dropHighestLosses,
  formatScientific,
  type Observation,
  observationWarnings,
  readObservations,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { note } from "./terminal.ts";

/** Options that say which runs of a table to take. */
export const TABLE_OPTIONS = {
  "parameters-column": {
    kind: "text",
    value: "NAME",
    help: "column of sizes N, plain counts",
    default: "parameters",
  },
  "tokens-column": {
    kind: "text",
    value: "NAME",
    help: "column of training tokens D, plain counts",
    default: "tokens",
  },
  "loss-column": {
    kind: "text",
    value: "NAME",
    help: "column of final losses, nats per token",
    default: "loss",
  },
  drop: {
    kind: "count",
    help: "leave out so many runs with the highest losses",
    default: "0",
  },
} as const satisfies Command["options"];

/** The runs of the table that was named, odd ones told on stderr. */
export async function readRuns(line: CommandLine): Promise<Observation[]> {
  const path = line.operands[0]!;
  const runs = await readObservations(path, {
    parameters: line.needText("parameters-column"),
    tokens: line.needText("tokens-column"),
    loss: line.needText("loss-column"),
  });
  if (runs.length === 0) {
    throw new DataError(
      `Cannot read runs of ${path}: it has no row below its head`,
    );
  }
  const kept = dropHighestLosses(runs, line.needNumber("drop"));
  for (const text of observationWarnings(kept)) note(`warning: ${text}`);
  return kept;
}

/** Four digits, or powers of ten where those are shorter. */
export function short(x: number): string {
  return x !== 0 && (Math.abs(x) >= 1e6 || Math.abs(x) < 1e-3)
    ? formatScientific(x, 4)
    : x.toPrecision(4);
}
