/**
 * `caderno machine`: what this machine can do and what it has time for, in the
 * tables of notebook 12.
 *
 * @module
 */
import {
  ConfigError,
  generationRows,
  type GenerationSpeed,
  kernelRows,
  limitRows,
  LLAMA_PRESETS,
  type LlamaPreset,
  loadPublishedPlans,
  loadPublishedSpeeds,
  type MachinePlan,
  machinePlanRows,
  type MachinePower,
  type MachineWay,
  measureGeneration,
  measureKernels,
  meterTraining,
  nearNames,
  openMachine,
  planMachine,
  Progress,
  type TrackerPlace,
  trainingRows,
  type TrainingSpeed,
  type WaySpeed,
  writeJson,
} from "../../lib/mod.ts";
import { table, type TableOptions } from "../../lib/notebook/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { powerLines } from "./prediction.ts";
import { ELSEWHERE_OPTIONS, placeOf } from "./run_emissions.ts";
import { note, print, StatusLine } from "./terminal.ts";

/** Everything that was measured; what `--out` writes. */
interface MachineReport {
  readonly ways: readonly { readonly name: string; readonly device: string }[];
  readonly leftOut: readonly string[];
  readonly kernels: readonly WaySpeed[];
  readonly training: readonly TrainingSpeed[];
  readonly power: Readonly<Record<string, MachinePower>>;
  readonly generation: readonly GenerationSpeed[];
  readonly plans: readonly MachinePlan[];
}

/** Presets by name, "tiny-64,tiny-128", smallest first. */
function presetsOf(line: CommandLine, option: string): LlamaPreset[] {
  const known = Object.keys(LLAMA_PRESETS);
  const names = line.needText(option).split(",").map((name) => name.trim());
  for (const name of names) {
    if (known.includes(name)) continue;
    const [near] = nearNames(name, known);
    throw new ConfigError(
      `Cannot find the preset "${name}" of --${option}: ` +
        (near ? `the nearest is ${near}; ` : "") +
        `there are ${known.join(", ")}`,
    );
  }
  return known.filter((name) => names.includes(name)) as LlamaPreset[];
}

/** What was asked for, checked before anything is measured. */
interface MachineSettings {
  readonly presets: readonly LlamaPreset[];
  readonly generate: readonly LlamaPreset[];
  readonly seconds: number;
  readonly hours: number;
  readonly place: TrackerPlace;
}

async function settingsOf(line: CommandLine): Promise<MachineSettings> {
  return {
    presets: presetsOf(line, "presets"),
    generate: presetsOf(line, "generate"),
    seconds: line.needNumber("seconds"),
    hours: line.needNumber("hours"),
    place: await placeOf(line),
  };
}

/** Kernels, training and generation of every way, with progress. */
async function measure(
  { presets, generate, seconds, place }: MachineSettings,
  ways: readonly MachineWay[],
): Promise<Omit<MachineReport, "ways" | "plans">> {
  const { intensity, pue } = place;
  const total = 3 * ways.length;
  using status = new StatusLine(
    new Progress("Measure", { total, unit: "parts" }),
  );
  const say = (what: string, way: MachineWay) =>
    status.update(status.progress.done, `${what} on ${way.name}`);
  const done = () => status.update(status.progress.done + 1);
  const kernels: WaySpeed[] = [];
  const training: TrainingSpeed[] = [];
  const generation: GenerationSpeed[] = [];
  const leftOut: string[] = [];
  const power: Record<string, MachinePower> = {};
  for (const way of ways) {
    const onKernel = (kernel: string) => say(kernel, way);
    const about = { seconds: seconds / 8 };
    kernels.push(await measureKernels(way, about, onKernel));
    done();
    say("training", way);
    const meter = { project: way.name };
    const trained = await meterTraining(way, presets, { seconds, meter });
    training.push(...trained.speeds);
    if (trained.power) power[way.name] = { ...trained.power, intensity, pue };
    done();
    say("generation", way);
    const generated = await measureGeneration(way, generate);
    generation.push(...generated.speeds);
    leftOut.push(...trained.leftOut, ...generated.leftOut);
    done();
  }
  return { leftOut, kernels, training, generation, power };
}

/** What each way has time for. */
async function plan(
  { hours }: MachineSettings,
  { training, power }: Pick<MachineReport, "training" | "power">,
): Promise<MachinePlan[]> {
  const plans: MachinePlan[] = [];
  for (const [way, watts] of Object.entries(power)) {
    const speeds = training.filter((speed) => speed.way === way);
    plans.push(...await planMachine({ speeds, power: watts }, { hours }));
  }
  return plans.sort((a, b) => a.parameters - b.parameters);
}

/** A heading, and rows below it. */
function section(
  heading: string,
  rows: readonly object[],
  options: TableOptions = {},
): void {
  if (rows.length === 0) return;
  print(`\n${heading}\n\n${table(rows, { digits: 3, ...options })}`);
}

async function show(report: MachineReport): Promise<void> {
  const { ways, leftOut, kernels, training, generation } = report;
  section("Ways to compute", ways);
  if (leftOut.length > 0) print(`\nleft out:\n  ${leftOut.join("\n  ")}`);
  const rates = { arithmetic: "GFLOP/s", memory: "GB/s" };
  section("Kernels", kernelRows(kernels), { units: { ...rates, time: "ms" } });
  section("Limits", limitRows(kernels), {
    units: { ...rates, balance: "FLOP/B" },
  });
  section("Training", trainingRows(training, kernels), {
    units: { arithmetic: "GFLOP/s", memory: "MiB" },
  });
  section("Published training speeds", await loadPublishedSpeeds(), {
    columns: ["name", "model", "machine", "tokensPerSecond", "source"],
  });
  section("Generation", generationRows(generation, kernels), {
    units: { memory: "GB/s" },
  });
  const plans = [...report.plans, ...await loadPublishedPlans()];
  section("What there is time for", machinePlanRows(plans));
  const ofWay = new Map(report.plans.map((one) => [one.way, one.reading]));
  for (const [way, reading] of ofWay) {
    print(`\npower of ${way}:\n  ${powerLines(reading).join("\n  ")}`);
  }
  print(`
of roof, of peak, of memory: shares of the best that was measured here.
N parameters, D tokens: compute-optimal by the Epoch refit, TTL's as published.
speed: measured, published, between measured sizes, or beyond them, where it may
be wrong by a factor of two.`);
}

async function runMachine(line: CommandLine): Promise<void> {
  const settings = await settingsOf(line);
  using machine = await openMachine();
  const measured = await measure(settings, machine.ways);
  const report: MachineReport = {
    ...measured,
    ways: machine.ways.map(({ name, device: { description } }) => (
      { name, device: description }
    )),
    leftOut: [...machine.leftOut, ...measured.leftOut],
    plans: await plan(settings, measured),
  };
  await show(report);
  const out = line.text("out");
  if (out === undefined) return;
  await writeJson(out, report);
  note(`written: ${out}`);
}

const presetNames = Object.keys(LLAMA_PRESETS).join(", ");

/** The command "machine". */
export const machineCommand: Command = {
  name: "machine",
  summary: "Measure this machine, and tell what it has time to train",
  operands: [],
  options: {
    presets: {
      kind: "text",
      value: "NAMES",
      help: `models to train, of ${presetNames}; those that this machine is ` +
        "too small or too slow for are left out",
      default: "tiny-64,tiny-128,tiny-256,ttl-160m",
    },
    generate: {
      kind: "text",
      value: "NAMES",
      help: "models to generate with",
      default: "tiny-256,ttl-160m",
    },
    seconds: {
      kind: "number",
      help: "seconds of steps for each model; an eighth for each kernel",
      range: [0.01, 600],
      default: "2",
    },
    hours: {
      kind: "number",
      help: "hours of a night, for the largest model that fits into it",
      range: [0.01, 1e5],
      default: "8",
    },
    out: {
      kind: "text",
      value: "FILE",
      help: "write everything that was measured as JSON",
    },
    ...ELSEWHERE_OPTIONS,
  },
  example: "machine --country BRA --out machine.json",
  run: runMachine,
};
