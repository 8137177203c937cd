/**
 * Training speeds of other machines and other software, to hold one's own
 * against: TeenyTinyLlama's from its tokens and hours, those of small models
 * from `data/speed/training_speeds.csv`.
 *
 * @module
 */
import { loadTtlEnergyRuns, type TtlEnergyRun } from "../emissions/mod.ts";
import { numberCell, readDataTable } from "../util/mod.ts";

/** Training of one model on one machine, as somebody published it. */
export interface PublishedSpeed {
  /** What trained: "TTL-160m", "PyTorch 1.13". */
  readonly name: string;
  /** Preset of its shape. */
  readonly model: string;
  readonly machine: string;
  readonly parameters: number;
  readonly tokensPerSecond: number;
  readonly source: string;
}

/** Of a run whose size and tokens were published, evaluations included. */
function ttlSpeed(
  { model, gpu, parameters, tokens, reading }: TtlEnergyRun,
): PublishedSpeed[] {
  if (parameters === undefined || tokens === undefined) return [];
  return [{
    name: model,
    model: model.toLowerCase(),
    machine: gpu.name,
    parameters,
    tokensPerSecond: tokens / reading.seconds,
    source: "arXiv 2401.16640",
  }];
}

/** All of them, TeenyTinyLlama's first. */
export async function loadPublishedSpeeds(): Promise<PublishedSpeed[]> {
  const [runs, rows] = await Promise.all([
    loadTtlEnergyRuns(),
    readDataTable("speed/training_speeds"),
  ]);
  return [
    ...runs.flatMap(ttlSpeed),
    ...rows.map((row) => ({
      name: row.name!,
      model: row.model!,
      machine: row.machine!,
      parameters: numberCell(row, "parameters"),
      tokensPerSecond: numberCell(row, "tokens_per_second"),
      source: row.source!,
    })),
  ];
}
