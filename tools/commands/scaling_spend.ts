/**
 * `caderno scaling spend`: what to train within a limit of FLOPs, hours,
 * money, energy or carbon, and how training and serving share it.
 *
 * @module
 */
import {
  allocateServedSpending,
  allocateSpending,
  type ComputeRig,
  ConfigError,
  formatCarbon,
  formatCount,
  formatDuration,
  formatScientific,
  formatTable,
  LAWS,
  type SpendingLimit,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { print } from "./terminal.ts";

/** Options that limit, and the unit that each stands for. */
const LIMITS = {
  dollars: "dollars",
  hours: "deviceHours",
  kwh: "energyKwh",
  grams: "carbonGrams",
  flops: "flops",
} as const;

function readLimit(line: CommandLine): SpendingLimit {
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  const given = names.filter((name) => line.has(name));
  if (given.length !== 1) {
    throw new ConfigError(
      `Cannot spend within ${given.length} limits: give one of ` +
        names.map((name) => `--${name}`).join(", "),
    );
  }
  const [name] = given as [keyof typeof LIMITS];
  return { [LIMITS[name]]: line.needNumber(name) } as SpendingLimit;
}

function runSpend(line: CommandLine): Promise<void> {
  const limit = readLimit(line);
  const rig: ComputeRig = {
    flopsPerSecond: 1e12 * line.needNumber("tflops"),
    dollarsPerHour: line.needNumber("dollars-per-hour"),
    powerWatts: line.needNumber("watts"),
    pue: line.needNumber("pue"),
    gramsPerKwh: line.needNumber("grams-per-kwh"),
  };
  const servedTokens = line.needNumber("serve");
  const { spending } = allocateSpending(LAWS[0]!, limit, rig);
  print(
    `${formatScientific(spending.flops)} FLOPs in ` +
      `${formatDuration(3600 * spending.deviceHours)} of one device: ` +
      `${spending.dollars.toFixed(2)} dollars, ` +
      `${spending.energyKwh.toPrecision(3)} kWh, ` +
      `${formatCarbon(spending.carbonGrams)} CO2eq`,
  );
  print(
    `a device of ${line.text("tflops")} TFLOP/s in training, ` +
      `${line.text("watts")} W and ${line.text("dollars-per-hour")} dollars ` +
      `an hour; PUE ${line.text("pue")}, ${line.text("grams-per-kwh")} g/kWh\n`,
  );
  print(formatTable([
    ["law", "N", "D", "D/N", "loss", "serving"],
    ...LAWS.map((law) => {
      const plan = allocateServedSpending(law, { limit, servedTokens }, rig);
      const { parameters, tokens, loss, servingFlops, totalFlops } = plan;
      return [
        law.name,
        formatCount(parameters),
        formatCount(tokens),
        (tokens / parameters).toFixed(1),
        loss.toFixed(4),
        `${(100 * servingFlops / totalFlops).toFixed(1)} %`,
      ];
    }),
  ]));
  print(
    `\nD/N: tokens per parameter; loss: nats per token; serving: share of the ` +
      `limit for ${formatCount(servedTokens)} tokens after training`,
  );
  return Promise.resolve();
}

const number = (value: string, help: string) =>
  ({ kind: "number", value, help, range: [0, Infinity] }) as const;

/** The command "scaling spend". */
export const scalingSpendCommand: Command = {
  name: "scaling spend",
  summary: "Spend dollars, hours, kWh or grams of CO2eq on a training",
  operands: [],
  options: {
    dollars: { ...number("X", "limit in US dollars"), heading: "One limit" },
    hours: number("X", "limit in hours of one device"),
    kwh: number("X", "limit in kWh"),
    grams: number("X", "limit in grams of CO2eq"),
    flops: number("X", "limit in FLOPs"),
    tflops: {
      ...number("X", "TFLOP/s that a device reaches in training"),
      default: "27",
      heading: "Machine",
    },
    "dollars-per-hour": {
      ...number("X", "price of a device, US dollars an hour"),
      default: "1.5",
    },
    watts: {
      ...number("W", "power of a device with its share of the machine"),
      default: "400",
    },
    pue: {
      kind: "number",
      value: "X",
      help: "energy of the building by that of the machine",
      range: [1, 10],
      default: "1.2",
    },
    "grams-per-kwh": {
      ...number("G", "gCO2eq of a kWh of your grid"),
      default: "450",
    },
    serve: {
      kind: "count",
      help: "tokens to be served after training, paid from the same limit",
      default: "0",
    },
  },
  example: "scaling spend --dollars 50 --serve 1B",
  run: runSpend,
};
