/**
 * Floor 6: scaling laws, budgets and their fits, on plain numbers.
 *
 * @module
 */
export * from "./law.ts";
export * from "./allocate.ts";
export * from "./surface.ts";
export * from "./observations.ts";
export * from "./observation_warnings.ts";
export * from "./minimize.ts";
export * from "./starts.ts";
export * from "./misfit.ts";
export * from "./parametric.ts";
export * from "./variable_projection.ts";
export * from "./fit_diagnostics.ts";
export * from "./resample.ts";
export * from "./bootstrap.ts";
export * from "./bootstrap_summary.ts";
export * from "./power_law.ts";
export * from "./budget_groups.ts";
export * from "./extrapolation.ts";
export { observeAtBudgets, type TrainingCurve } from "./training_curves.ts";
export * from "./envelope.ts";
export * from "./isoflop.ts";
export * from "./porian.ts";
export * from "./over_training.ts";
export * from "./data_constrained.ts";
export * from "./serving.ts";
export * from "./reconcile.ts";
export * from "./multi_power_law.ts";
export * from "./step_law.ts";
export * from "./shape_counts.ts";
export * from "./flop_counts.ts";
export * from "./spending.ts";
export * from "./published_data.ts";
export * from "./ttl_data.ts";
export * from "./ttl_replay.ts";
