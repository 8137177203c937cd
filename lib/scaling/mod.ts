/**
 * Floor 6: scaling laws, budgets and their fits, on plain numbers.
 *
 * @module
 */
export * from "./law.ts";
export * from "./allocate.ts";
export * from "./surface.ts";
export * from "./observations.ts";
export * from "./minimize.ts";
export * from "./starts.ts";
export * from "./parametric.ts";
export * from "./ttl_data.ts";
export * from "./ttl_replay.ts";
