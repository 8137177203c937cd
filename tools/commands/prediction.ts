/**
 * Predictions in words, with their sources, and beside what happened: of a run
 * and of a sweep alike.
 *
 * @module
 */
import {
  type EnergyReading,
  formatCarbon,
  formatEnergy,
  formatPercent,
  formatTable,
} from "../../lib/mod.ts";

/** A prediction in lines; the first says what, the others from where. */
export function predictionLines(...lines: readonly string[]): string {
  const head = "prediction: ";
  return head + lines.join(`\n${" ".repeat(head.length)}`);
}

/** "0.123 Wh, 0.0121 g CO2eq". */
export function predictedEnergy(
  { energyJoules, carbon }: EnergyReading,
): string {
  if (energyJoules === undefined) return "energy not known";
  const emitted = carbon ? `, ${formatCarbon(carbon.grams)} CO2eq` : "";
  return formatEnergy(energyJoules) + emitted;
}

/** Power of each part, how it came about and by which method. */
export function powerLines({ parts }: EnergyReading): string[] {
  return parts.map(({ part, label, method, joules, seconds }) => {
    const watts = joules === undefined
      ? "not known"
      : `${(joules / seconds).toPrecision(3)} W, ${label}`;
    return `${part} ${watts}: ${method}`;
  });
}

/** A quantity that was predicted: its name, both numbers and their form. */
export type ComparedQuantity = readonly [
  name: string,
  values: readonly [
    predicted: number | undefined,
    happened: number | undefined,
  ],
  format: (x: number) => string,
];

/** "+4.9 %": by how much more it was than predicted. */
function difference(predicted: number, happened: number): string {
  const share = happened / predicted - 1;
  return `${share < 0 ? "" : "+"}${formatPercent(share, 2)}`;
}

/**
 * What was predicted and what happened, for the terminal.
 *
 * @param what the quantities are of
 */
export function comparisonTable(
  what: string,
  rows: readonly ComparedQuantity[],
): string {
  return formatTable([
    [what, "predicted", "happened", "difference"],
    ...rows.map(([name, values, format]) => {
      const [before, after] = values;
      const shown = values.map((x) =>
        x === undefined ? "not known" : format(x)
      );
      const isKnown = before !== undefined && after !== undefined;
      return [name, ...shown, isKnown ? difference(before, after) : ""];
    }),
  ]);
}
