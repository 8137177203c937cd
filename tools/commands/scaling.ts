/**
 * `caderno scaling`: fits of scaling laws to a table of runs, and what a limit
 * of money, time, energy or carbon buys by the published laws.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { scalingFitCommand } from "./scaling_fit.ts";
import { scalingIsoFlopCommand } from "./scaling_isoflop.ts";
import { scalingSpendCommand } from "./scaling_spend.ts";

/** The commands whose names begin with "scaling". */
export const scalingCommands: readonly Command[] = [
  scalingFitCommand,
  scalingIsoFlopCommand,
  scalingSpendCommand,
];
