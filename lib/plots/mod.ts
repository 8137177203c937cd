/**
 * Floor 9: records in, plain Plotly figures out.
 *
 * @module
 */
export * from "./benchmarks.ts";
export * from "./confusion.ts";
export * from "./corpus.ts";
export * from "./curves.ts";
export * from "./emissions.ts";
export * from "./emissions_published.ts";
export * from "./evaluation.ts";
export * from "./figure.ts";
export * from "./inspect.ts";
export * from "./kernels.ts";
export * from "./machine.ts";
export * from "./preferences.ts";
export * from "./scaling.ts";
export * from "./scaling_fits.ts";
export * from "./scaling_ttl.ts";
export * from "./sweep.ts";
export * from "./tokenizers.ts";
export * from "./training.ts";
