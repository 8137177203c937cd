/**
 * Floor 7: records in, plain Plotly figures out.
 *
 * @module
 */
export * from "./figure.ts";
