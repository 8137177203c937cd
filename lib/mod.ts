/**
 * Caderno: everything a notebook imports, in the order of the floors.
 *
 * @module
 */
export * from "./util/mod.ts";
export * from "./plots/mod.ts";
