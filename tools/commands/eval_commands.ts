/**
 * The commands about evaluation that have two words.
 *
 * @module
 */
import { evalCompareCommand } from "./eval_compare.ts";
import { evalContaminationCommand } from "./eval_contamination.ts";
import { evalTableCommand } from "./eval_table.ts";
import { evalTasksCommand } from "./eval_tasks.ts";

/** Commands that begin with "eval" and go on. */
export const evalCommands = [
  evalTasksCommand,
  evalCompareCommand,
  evalTableCommand,
  evalContaminationCommand,
];
