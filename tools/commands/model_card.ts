/**
 * The card of a model: README.md in its folder, with the head that Hugging
 * Face's Hub reads, and how it goes along when the model is exported or
 * fine-tuned.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import {
  emissionsParagraph,
  emissionsTable,
  type EnergyReading,
  exists,
  FormatError,
  modelCardEmissions,
  readJson,
  readText,
  writeFileAtomic,
} from "../../lib/mod.ts";
import { typedCommand } from "./typed_command.ts";
import { modelFolderOf } from "./run_folder.ts";

/** What a card says of a model that was trained. */
export interface CardFacts {
  readonly name: string;
  /** Name of the model that it went on from, if there is one. */
  readonly base: string | undefined;
  /** Licence as the Hub names it: "apache-2.0". */
  readonly license: string | undefined;
  /** ISO 639 code; undefined where nobody told. */
  readonly language: string | undefined;
  /** What was measured, then what was chosen, as pairs of a name and a value. */
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly reading: EnergyReading;
  /** One line about the machine. */
  readonly hardware: string;
  /** Words after the program's name that began it, and made it longer. */
  readonly commands: readonly (readonly string[])[];
}

function commandBlock(...commands: readonly (readonly string[])[]): string {
  return ["```sh", ...commands.map(typedCommand), "```"].join("\n");
}

/** The card; without a place its energy is told in kWh alone. */
export function modelCard(facts: CardFacts): string {
  const { name, base, license, language, rows, reading, hardware, commands } =
    facts;
  const head = [
    ...(license === undefined ? [] : [`license: ${JSON.stringify(license)}`]),
    ...(language === undefined
      ? []
      : [`language: ${JSON.stringify(language)}`]),
    "library_name: transformers",
    "pipeline_tag: text-generation",
    "tags: [llama, caderno]",
  ].join("\n");
  const emissions = reading.carbon
    ? modelCardEmissions(reading, { trainingType: "pre-training", hardware })
    : "";
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return [
    `---\n${head}\n${emissions}---`,
    `# ${name}`,
    base === undefined
      ? "A Llama trained from scratch with Caderno."
      : `A Llama trained with Caderno, from the weights of ${base} on; what ` +
        "those took is not counted here.",
    [
      "| what | value |",
      "| --- | --- |",
      ...rows.map(([left, right]) => `| ${left} | ${cell(right)} |`),
    ].join("\n"),
    commandBlock(...commands),
    "## Energy",
    emissionsParagraph(reading),
    emissionsTable(reading),
  ].join("\n\n") + "\n";
}

/** Writes the card of a folder. */
export function saveCard(folder: string, card: string): Promise<void> {
  return writeFileAtomic(join(folder, "README.md"), card);
}

/** Scores of a task by metric. */
interface TaskScores {
  readonly task: string;
  readonly metrics: readonly (readonly [name: string, value: number])[];
}

/**
 * Scores that `eval tasks --out` has written.
 *
 * @throws {DataError} when there are none in the folder
 * @throws {FormatError} when they are damaged
 */
export async function readScores(folder: string): Promise<TaskScores[]> {
  const path = join(folder, "results.json");
  const json = await readJson<
    { results?: Record<string, Record<string, unknown>> } | null
  >(path, "scores of tasks");
  if (!json?.results) {
    throw new FormatError(`Cannot read ${path}: it holds no results of tasks`);
  }
  return Object.entries(json.results).map(([task, fields]) => ({
    task,
    metrics: Object.entries(fields).flatMap(([name, value]) =>
      name.endsWith(",none") && !name.endsWith("_stderr,none")
        ? [[name.replace(",none", ""), value as number] as const]
        : []
    ),
  }));
}

/** Scores as the Hub shows them, a field of the head (JSON is YAML). */
function modelIndex(name: string, scores: readonly TaskScores[]): string {
  const results = scores.map(({ task, metrics }) => ({
    task: { type: "text-generation" },
    dataset: { name: task, type: task },
    metrics: metrics.map(([type, value]) => ({ type, value })),
  }));
  return `model-index: ${JSON.stringify([{ name, results }])}\n`;
}

function scoreTable(scores: readonly TaskScores[]): string {
  const rows = scores.flatMap(({ task, metrics }) =>
    metrics.map(([name, value]) =>
      `| ${task} | ${name} | ${value.toPrecision(4)} |`
    )
  );
  return ["| task | metric | score |", "| --- | --- | ---: |", ...rows]
    .join("\n");
}

/** The fields of a card's head, "" where it has none, and what follows. */
function splitHead(card: string): [head: string, body: string] {
  const found = /^---\n([^]*?\n)---\n/.exec(card);
  return found ? [found[1]!, card.slice(found[0].length)] : ["", card];
}

/** What became of a model. */
export interface CardChange {
  /** "Export", "Fine-tuning". */
  readonly title: string;
  readonly text: string;
  /** What it is for now, as the Hub names it; as before without it. */
  readonly pipelineTag?: string;
  /** How it does. */
  readonly scores?: readonly TaskScores[];
}

/**
 * Takes the card of a model along, with what became of it at its end. Without
 * a card there is nothing to take.
 *
 * @param source run, model or checkpoint
 */
export async function carryCard(
  source: string,
  folder: string,
  { title, text, pipelineTag, scores }: CardChange,
): Promise<void> {
  const path = join(await modelFolderOf(source), "README.md");
  if (!await exists(path)) return;
  const card = (await readText(path, "the card of a model")).trimEnd();
  const [fields, body] = splitHead(card);
  let head = fields;
  if (pipelineTag !== undefined) {
    head = head.replace(/^pipeline_tag: .*\n/m, "") +
      `pipeline_tag: ${pipelineTag}\n`;
  }
  const parts = [`## ${title}`, text, commandBlock(Deno.args)];
  if (scores) {
    head = head.replace(/^model-index: .*\n/m, "") +
      modelIndex(basename(resolve(folder)), scores);
    parts.push("## Scores", scoreTable(scores));
  }
  const whole = head === "" ? body : `---\n${head}---\n\n${body.trimStart()}`;
  await saveCard(folder, [whole, ...parts].join("\n\n") + "\n");
}
