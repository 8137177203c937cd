/**
 * Floor 8, above training and scaling: sweeps of trainings, on this machine or
 * a cluster, from which a law is fitted.
 *
 * @module
 */
export * from "./sweep_spec.ts";
export * from "./sweep_plan.ts";
export {
  gatherSweepRows,
  readSweep,
  readSweepRows,
  SweepFolder,
  type SweepRow,
  unfinishedRuns,
} from "./sweep_folder.ts";
export {
  predictSweep,
  type SweepMeasurement,
  type SweepPrediction,
} from "./predict_sweep.ts";
export * from "./machine_plan.ts";
export * from "./meter_training.ts";
export * from "./prepare_sweep.ts";
export * from "./published_speeds.ts";
export * from "./run_sweep.ts";
export * from "./fit_sweep.ts";
export type { SlurmResources } from "./slurm_jobs.ts";
export * from "./slurm_sweep.ts";
