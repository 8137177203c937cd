/**
 * Floor 0: what everything else stands on, and what stands on nothing.
 *
 * @module
 */
export * from "./errors.ts";
export * from "./shape.ts";
export * from "./bounded_jinja.ts";
export * from "./random.ts";
export * from "./python_random.ts";
export * from "./format.ts";
export * from "./files.ts";
export * from "./json.ts";
export * from "./jsonl.ts";
export * from "./csv.ts";
export * from "./data_tables.ts";
export * from "./near_names.ts";
export * from "./progress.ts";
export * from "./softmax.ts";
