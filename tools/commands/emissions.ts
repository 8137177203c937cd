/**
 * `caderno emissions`: energy and carbon of TeenyTinyLlama, of a run of ours,
 * and as a report for a paper.
 *
 * @module
 */
import {
  type CodecarbonRow,
  ConfigError,
  DataError,
  emissionsParagraph,
  emissionsTable,
  energyOfSteps,
  type EnergyReading,
  exists,
  findGpuSpec,
  formatCarbon,
  formatCount,
  formatDuration,
  formatEnergy,
  formatPercent,
  formatSi,
  formatTable,
  joulesFromKwh,
  kwhFromJoules,
  loadGpuSpecs,
  loadTtlEnergyRuns,
  modelCardEmissions,
  POWER_PARTS,
  readCodecarbonCsv,
  readLog,
  type StepRecord,
  sumReadings,
  totalsByPart,
  trainingEfficiency,
  type TrainRecord,
  type TtlEnergyRun,
  withGpu,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { emissionsEstimateCommands } from "./emissions_estimate.ts";
import {
  carbonLine,
  ELSEWHERE_OPTIONS,
  energyTable,
  movedElsewhere,
  readEmissions,
} from "./run_emissions.ts";
import { readRunRecord, RunFolder } from "./run_folder.ts";
import { print } from "./terminal.ts";

/** Parts that the published trackers told apart. */
const TTL_PARTS = POWER_PARTS.filter((part) => part !== "machine");

/** One published run in a row of the replay. */
function ttlRow(run: TtlEnergyRun, moved: EnergyReading): string[] {
  const { reading, publishedGrams, parameters, tokens } = run;
  const totals = totalsByPart(moved);
  const isTraining = parameters !== undefined && tokens !== undefined;
  const efficiency = isTraining
    ? trainingEfficiency({ ...run, reading: moved })
    : undefined;
  return [
    reading.project,
    formatDuration(moved.seconds),
    ...TTL_PARTS.map((part) =>
      kwhFromJoules(totals[part]?.joules ?? NaN).toFixed(2)
    ),
    kwhFromJoules(moved.energyJoules ?? NaN).toFixed(2),
    moved.intensity?.used.gramsPerKwh.toFixed(1) ?? "",
    ((moved.carbon?.grams ?? NaN) / 1000).toFixed(3),
    (publishedGrams / 1000).toFixed(3),
    efficiency ? formatCount(efficiency.tokensPerSecond) : "unpublished",
    efficiency?.kwhPerBillionTokens.toFixed(2) ?? "unpublished",
    efficiency?.flopsUtilization === undefined
      ? "unpublished"
      : formatPercent(efficiency.flopsUtilization),
  ];
}

async function runTtl(line: CommandLine): Promise<void> {
  const name = line.text("gpu");
  const gpu = name === undefined
    ? undefined
    : findGpuSpec(await loadGpuSpecs(), name);
  const runs = (await loadTtlEnergyRuns()).map((run) =>
    gpu ? { ...run, gpu, reading: withGpu(run, gpu) } : run
  );
  const moved = await Promise.all(
    runs.map(({ reading }) => movedElsewhere(reading, line)),
  );
  const { energyJoules, grams } = sumReadings(moved);
  print(formatTable([
    [
      "run",
      "time",
      ...TTL_PARTS.map((part) => `${part} kWh`),
      "all kWh",
      "g/kWh",
      "kg CO2eq",
      "published kg",
      "tokens/s",
      "kWh/B tokens",
      "MFU",
    ],
    ...runs.map((run, i) => ttlRow(run, moved[i]!)),
  ]));
  print(
    `\nall runs: ${formatEnergy(energyJoules)}, ` +
      `${formatCarbon(grams)} CO2eq; "all kWh" includes PUE`,
  );
  print(
    `GPU ${
      gpu ? `assumed as ${gpu.name}` : "measured"
    }, CPU assumed at 42.5 W, memory modelled by its size ` +
      "(arXiv 2401.16640, section 4.2).\nkg CO2eq is computed again from " +
      "energy and intensity; MFU is 6ND over what the card could do.",
  );
}

/** What the log says of the training itself. */
function logLine(steps: readonly StepRecord[]): string {
  const first = steps[0]!;
  const last = steps.at(-1)!;
  return `${last.step} steps, ${formatCount(last.tokens)} tokens in ` +
    `${formatDuration(last.seconds)}; loss ${first.loss.toFixed(3)} at the ` +
    `first step, ${last.loss.toFixed(3)} at the last`;
}

/**
 * What single steps, evaluations, checkpoints and samples have used, as far as
 * a meter was read around them; with the PUE that the run was counted with.
 */
function workLines(log: readonly TrainRecord[]): string[] {
  const pieces = [
    ...energyOfSteps(log).map(({ joules }) => ({ kind: "step", joules })),
    ...log.flatMap((record) =>
      "ownJoules" in record && record.ownJoules !== undefined
        ? [{ kind: record.kind, joules: record.ownJoules }]
        : []
    ),
  ];
  return [...Map.groupBy(pieces, ({ kind }) => kind)].map(([kind, all]) => {
    const sum = all.reduce((total, { joules }) => total + joules, 0);
    return `${kind}: ${formatSi(sum / all.length, "J")} each, ` +
      `${formatEnergy(sum)} in all (${all.length} metered)`;
  });
}

/** Rates of energy over tokens, and what else the account says. */
function energyLines(
  reading: EnergyReading,
  tokens: number,
): string[] {
  const { energyJoules, notes } = reading;
  const rate = energyJoules === undefined ? [] : [
    `energy: ${formatEnergy(energyJoules)}, ` +
    `${(energyJoules / tokens).toPrecision(3)} J per token, ` +
    `${(kwhFromJoules(energyJoules) / tokens * 1e9).toPrecision(3)} kWh per ` +
    "billion tokens",
  ];
  return [
    energyTable(reading),
    "",
    ...rate,
    carbonLine(reading),
    ...notes.map((remark) => `note: ${remark}`),
  ];
}

async function runRun(line: CommandLine): Promise<void> {
  const run = new RunFolder(line.operands[0]!);
  const log = await readLog(run.log);
  const steps = log.filter((r): r is StepRecord => r.kind === "step");
  if (steps.length === 0) {
    throw new DataError(`Cannot tell of ${run.path}: its log has no step`);
  }
  const { tokens, energyJoules } = steps.at(-1)!;
  const reading = await readEmissions(run);
  const account = reading
    ? energyLines(await movedElsewhere(reading, line), tokens)
    : [
      "energy: " +
      (energyJoules === undefined
        ? "no account in the folder and none in the log"
        : `${
          formatEnergy(energyJoules)
        } by the log, without an account by part`),
    ];
  print([logLine(steps), "", ...account, ...workLines(log)].join("\n"));
}

/**
 * A run for a paper: paragraph, table, head of a model card. A fine-tuning has
 * an account and no record: the head is that of the model before it.
 */
async function reportRun(run: RunFolder, line: CommandLine): Promise<void> {
  const isTuning = !await exists(run.record) && await exists(run.emissions);
  const device = isTuning ? undefined : (await readRunRecord(run)).device;
  const account = await readEmissions(run);
  if (!account) {
    throw new DataError(
      `Cannot report on ${run.path}: there is no file ${run.emissions}, which ` +
        "a run writes with its first checkpoint",
    );
  }
  const reading = await movedElsewhere(account, line);
  print(`${emissionsParagraph(reading)}\n\n${emissionsTable(reading)}`);
  if (!reading.carbon || device === undefined) return;
  const card = modelCardEmissions(reading, {
    trainingType: "pre-training",
    hardware: device,
  });
  print(`\n\`\`\`yaml\n${card}\`\`\``);
}

/** Rows of CodeCarbon's table, side by side. */
async function reportCsv(path: string, line: CommandLine): Promise<void> {
  if (line.given.size > 0) {
    throw new ConfigError(
      `Cannot move ${path} elsewhere: the options are for runs, whose parts ` +
        "are on record",
    );
  }
  const rows = await readCodecarbonCsv(path);
  const kwh = (x: number | undefined) => x?.toPrecision(4) ?? "no reading";
  const sum = (of: (row: CodecarbonRow) => number | undefined) =>
    rows.reduce((total, row) => total + (of(row) ?? NaN), 0);
  print(formatTable([
    ["run", "place", "time", "gpu kWh", "cpu kWh", "ram kWh", "all kWh", "kg"],
    ...rows.map((row) => [
      row.project_name,
      [row.region, row.country_name].filter((x) => x !== "").join(", "),
      formatDuration(row.duration ?? NaN),
      kwh(row.gpu_energy),
      kwh(row.cpu_energy),
      kwh(row.ram_energy),
      kwh(row.energy_consumed),
      kwh(row.emissions),
    ]),
  ]));
  const energy = sum((row) => row.energy_consumed);
  const kilograms = sum((row) => row.emissions);
  if (Number.isNaN(energy + kilograms)) {
    return print("\nno sum: a run has no energy or no emissions");
  }
  print(
    `\nruns: ${rows.length}, together ${
      formatEnergy(joulesFromKwh(energy))
    }, ` +
      `${formatCarbon(kilograms * 1000)} CO2eq`,
  );
}

async function runReport(line: CommandLine): Promise<void> {
  const path = line.operands[0]!;
  if (!await exists(path)) {
    throw new DataError(`Cannot report on ${path}: it is not there`);
  }
  const { isDirectory } = await Deno.stat(path);
  await (isDirectory
    ? reportRun(new RunFolder(path), line)
    : reportCsv(path, line));
}

/** The commands that begin with "emissions". */
export const emissionsCommands: readonly Command[] = [
  {
    name: "emissions ttl",
    summary: "Replay energy and carbon of TeenyTinyLlama's runs",
    operands: [],
    options: {
      gpu: {
        kind: "text",
        value: "NAME",
        help: "count as if it had run on that card, as fast for its peak",
      },
      ...ELSEWHERE_OPTIONS,
    },
    example: "emissions ttl --country BRA",
    run: runTtl,
  },
  {
    name: "emissions run",
    summary: "Show what a run of ours has used and emitted",
    operands: ["RUN_FOLDER"],
    options: ELSEWHERE_OPTIONS,
    example: "emissions run runs/stories --country DEU",
    run: runRun,
  },
  {
    name: "emissions report",
    summary: "Write a run up for a paper, or sum up a CodeCarbon file",
    operands: ["RUN_FOLDER|FILE.csv"],
    options: ELSEWHERE_OPTIONS,
    example: "emissions report runs/stories > emissions.md",
    run: runReport,
  },
  ...emissionsEstimateCommands,
];
