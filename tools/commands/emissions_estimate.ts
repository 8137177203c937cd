/**
 * `caderno emissions estimate`, `place` and `meters`: what a training would
 * use and emit, what is published of a place, and what this machine can tell.
 *
 * @module
 */
import {
  ConfigError,
  embodiedShare,
  type EnergyReading,
  estimateFromHours,
  type EstimateOptions,
  estimateTraining,
  findEmbodiedCarbon,
  findGpuSpec,
  findMeters,
  formatCarbon,
  formatDuration,
  formatEnergy,
  formatTable,
  type GpuSpec,
  loadEmbodiedCarbon,
  loadGpuSpecs,
  trainingFlopsPerSecond,
  waterLitres,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { carbonLine, ELSEWHERE_OPTIONS, placeOf } from "./run_emissions.ts";
import { print } from "./terminal.ts";

/** Machines, power and place, which both closed forms need. */
async function estimateOptions(
  line: CommandLine,
  gpu: GpuSpec,
): Promise<EstimateOptions> {
  const watts = line.number("watts") ?? gpu.tdpWatts;
  if (watts === undefined) {
    throw new ConfigError(
      `Cannot estimate with ${gpu.name}: its TDP is not known; give --watts`,
    );
  }
  const { intensity, pue } = await placeOf(line);
  return {
    project: "the plan",
    devices: line.needNumber("gpus"),
    wattsPerDevice: watts,
    pue,
    intensity,
  };
}

/** Patterson's form with --hours, else LLMCarbon's. */
async function estimate(
  line: CommandLine,
  gpu: GpuSpec,
): Promise<EnergyReading> {
  const options = await estimateOptions(line, gpu);
  const hours = line.number("hours");
  const isByFlops = line.has("params") || line.has("tokens");
  if (hours !== undefined && isByFlops) {
    throw new ConfigError(
      "Cannot estimate from --hours and from --params and --tokens: " +
        "give one or the other",
    );
  }
  if (hours !== undefined) return estimateFromHours(hours, options);
  const peak = trainingFlopsPerSecond(gpu);
  if (peak === undefined) {
    throw new ConfigError(
      `Cannot estimate with ${gpu.name}: its peak rate is not known; ` +
        "give --hours",
    );
  }
  return estimateTraining({
    ...options,
    parameters: line.needNumber("params"),
    tokens: line.needNumber("tokens"),
    peakFlopsPerSecond: peak,
    efficiency: line.needNumber("efficiency"),
  });
}

/** What the making of the cards adds, apart from the electricity. */
async function embodiedLines(
  line: CommandLine,
  { seconds }: EnergyReading,
  gpu: GpuSpec,
): Promise<string[]> {
  const counts = findEmbodiedCarbon(await loadEmbodiedCarbon(), gpu.name);
  const gpus = line.needNumber("gpus");
  return [
    `making of the cards over this time, 5 years of life, not in the above:`,
    ...counts.map(({ grams, method }) =>
      `  ${formatCarbon(gpus * embodiedShare(grams, seconds))} (${method})`
    ),
  ];
}

async function runEstimate(line: CommandLine): Promise<void> {
  const gpu = findGpuSpec(await loadGpuSpecs(), line.needText("gpu"));
  const reading = await estimate(line, gpu);
  const energy = reading.energyJoules!;
  const wue = line.number("water");
  print([
    `time: ${formatDuration(reading.seconds)} on ${
      line.needNumber("gpus")
    } x ${gpu.name}`,
    `energy: ${formatEnergy(energy)} with PUE ${reading.pue}`,
    `  ${reading.parts[0]!.method}`,
    carbonLine(reading),
    ...(wue === undefined
      ? []
      : [`water: ${waterLitres(energy, wue).toPrecision(3)} l`]),
    ...(line.has("embodied") ? await embodiedLines(line, reading, gpu) : []),
    "estimated and not measured: give or take as much again",
  ].join("\n"));
}

async function runPlace(line: CommandLine): Promise<void> {
  const { intensity, pue } = await placeOf(line);
  if (!intensity) {
    throw new ConfigError(
      "Cannot tell of a place without --country or --cloud, or --intensity",
    );
  }
  print(formatTable([
    ["place", "g/kWh", "year", "counts", "source"],
    ...intensity.counts.map((count) => [
      count.place,
      count.gramsPerKwh,
      String(count.year ?? "unstated"),
      count.kind,
      count.source,
    ]),
  ]));
  const { low, high, used } = intensity;
  print(
    `\nused: ${used.gramsPerKwh} g/kWh, of ${low} to ${high} by ` +
      `${intensity.counts.length} counts; PUE ${pue}`,
  );
}

async function runMeters(): Promise<void> {
  const { meters, notes, host } = await findMeters();
  try {
    const rows: string[][] = [];
    for (const meter of meters) {
      await meter.read(0);
      const begun = performance.now();
      await meter.read(1);
      const seconds = (performance.now() - begun) / 1000;
      const { part, label, uncertainty, method } = meter;
      rows.push([
        part,
        label,
        uncertainty === undefined ? "not stated" : `${100 * uncertainty} %`,
        formatDuration(seconds),
        method,
      ]);
    }
    print(`processor: ${host.cpuModel ?? "unknown"}`);
    print(formatTable([
      ["part", "label", "give or take", "a reading takes", "method"],
      ...rows,
    ]));
    for (const note of notes) print(`note: ${note}`);
  } finally {
    for (const meter of meters) meter.close?.();
  }
}

/** Commands that need no run. */
export const emissionsEstimateCommands: readonly Command[] = [
  {
    name: "emissions estimate",
    summary: "Estimate energy and carbon of a training before it runs",
    operands: [],
    options: {
      params: {
        heading: "Training",
        kind: "count",
        help: "parameters, of a mixture of experts the active ones",
        range: [1, Infinity],
      },
      tokens: {
        kind: "count",
        help: "tokens to train on",
        range: [1, Infinity],
      },
      efficiency: {
        kind: "number",
        help: "share of the peak rate that it reaches",
        range: [0.001, 1],
        default: "0.3",
      },
      hours: {
        kind: "number",
        help: "or the hours it takes, in place of the three above",
        range: [0.001, 1e7],
      },
      gpu: {
        heading: "Machine",
        kind: "text",
        value: "NAME",
        help: "card by its name",
        default: "A100 SXM4 40GB",
      },
      gpus: {
        kind: "count",
        help: "cards that work at the same time",
        range: [1, Infinity],
        default: "1",
      },
      watts: {
        kind: "number",
        help: "mean power of a card with its share of the host; its TDP",
        range: [1, 1e5],
      },
      water: {
        kind: "number",
        help: "also tells litres of water, at so many a kWh (WUE)",
        range: [0, 100],
      },
      embodied: {
        kind: "switch",
        help: "also tells the share of the making of the cards, apart",
      },
      ...ELSEWHERE_OPTIONS,
    },
    example: "emissions estimate --params 162M --tokens 3.7B --country BRA",
    run: runEstimate,
  },
  {
    name: "emissions place",
    summary: "Show all published carbon intensities of a place",
    operands: [],
    options: ELSEWHERE_OPTIONS,
    example: "emissions place --country BRA",
    run: runPlace,
  },
  {
    name: "emissions meters",
    summary: "Show what this machine measures, models and assumes",
    operands: [],
    options: {},
    example: "emissions meters",
    run: runMeters,
  },
];
