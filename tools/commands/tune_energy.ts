/**
 * The energy of a fine-tuning: counted while it goes on, kept beside its result
 * and told on its card, as that of a training is.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import {
  emissionsParagraph,
  type EmissionsTracker,
  track,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { type CardChange, carryCard } from "./model_card.ts";
import { carbonLine, energyTable, saveEmissions } from "./run_emissions.ts";
import { RunFolder } from "./run_folder.ts";
import { print } from "./terminal.ts";
import { planElectricity } from "./train_plan.ts";

/**
 * Begins to count; declare it with `await using`.
 *
 * @throws {ConfigError} when the place of the options is not in the tables
 */
export function trackTuning(
  line: CommandLine,
  folder: string,
): Promise<EmissionsTracker> {
  const project = basename(resolve(folder));
  return track({ project, ...planElectricity(line) });
}

/**
 * Ends the count and keeps it: `emissions.json` and `emissions.csv` in the
 * folder of the result, a paragraph on the card that it has from its source,
 * a table for the terminal.
 */
export async function keepTuned(
  { source, folder, tracker }: {
    readonly source: string;
    readonly folder: string;
    readonly tracker: EmissionsTracker;
  },
  change: CardChange,
): Promise<void> {
  const reading = await tracker.stop();
  await saveEmissions(new RunFolder(folder), tracker);
  const text = `${change.text}\n\n${emissionsParagraph(reading)}`;
  await carryCard(source, folder, { ...change, text });
  print(`\n${energyTable(reading)}\n${carbonLine(reading)}`);
}
