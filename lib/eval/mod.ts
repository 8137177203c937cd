/**
 * Floor 6: what a model can do.
 *
 * @module
 */
export * from "./held_out.ts";
