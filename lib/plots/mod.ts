/**
 * Floor 7: records in, plain Plotly figures out.
 *
 * @module
 */
export * from "./curves.ts";
export * from "./emissions.ts";
export * from "./figure.ts";
export * from "./scaling.ts";
export * from "./training.ts";
