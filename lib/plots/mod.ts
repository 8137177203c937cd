/**
 * Floor 7: records in, plain Plotly figures out.
 *
 * @module
 */
export * from "./emissions.ts";
export * from "./figure.ts";
export * from "./scaling.ts";
