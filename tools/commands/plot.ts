/**
 * `caderno plot`: the figures of the notebooks from the command line, of what
 * other commands have written: runs, sweeps, corpora. As a picture, or as a
 * page that moves and needs no network.
 *
 * @module
 */
import { extname, join } from "node:path";
import {
  ConfigError,
  type CorpusFunnel,
  DataError,
  exists,
  type Figure,
  plotEnergyShares,
  plotFunnel,
  plotRuns,
  plotSweep,
  plotTraining,
  readJson,
  readSweepRows,
  type SweepFit,
  SweepFolder,
  writeFileAtomic,
} from "../../lib/mod.ts";
import {
  escapeHtml,
  figurePng,
  figureSvg,
  listRuns,
  PLOTLY_CONFIG,
  plotlySource,
  readRunLog,
  scriptJson,
} from "../../lib/notebook/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { readEmissions } from "./run_emissions.ts";
import { RunFolder } from "./run_folder.ts";
import { print } from "./terminal.ts";

/** A page with one figure; plotly.js is inside. */
async function figurePage(figure: Figure, title: string): Promise<string> {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>body { margin: 0 } #figure { height: 100vh }</style>
</head>
<body>
<div id="figure"></div>
<script>${await plotlySource()}</script>
<script>
const { data, layout } = ${scriptJson(figure)};
Plotly.newPlot("figure", data, layout, ${scriptJson(PLOTLY_CONFIG)});
</script>
</body>
</html>
`;
}

/** What a figure is written as, by the end of the file's name. */
const FORMS: Readonly<
  Record<
    string,
    (figure: Figure, title: string) => Promise<string | Uint8Array<ArrayBuffer>>
  >
> = {
  ".html": figurePage,
  ".svg": figureSvg,
  ".png": (figure) => figurePng(figure),
  ".json": (figure) => Promise.resolve(JSON.stringify(figure)),
};

/** Where the energy of runs went. */
async function energyFigure(paths: readonly string[]): Promise<Figure> {
  const readings = [];
  for (const path of paths) {
    const run = new RunFolder(path);
    const reading = await readEmissions(run);
    if (!reading) {
      throw new DataError(
        `Cannot plot the energy of ${path}: there is no file ${run.emissions}`,
      );
    }
    readings.push(reading);
  }
  return plotEnergyShares(readings);
}

/** The losses of a run, or of several side by side. */
async function lossFigure(paths: readonly string[]): Promise<Figure> {
  const [first] = paths;
  if (paths.length === 1) {
    const title = `Loss of ${first}`;
    return plotTraining(await readRunLog(first!), { title });
  }
  const logs = paths.map(async (path) =>
    [path, await readRunLog(path)] as const
  );
  return plotRuns(Object.fromEntries(await Promise.all(logs)));
}

/** Losses of a sweep, with the law through them where there is one. */
async function sweepFigure(path: string): Promise<Figure> {
  const rows = await readSweepRows(path);
  if (rows.length === 0) {
    throw new DataError(`Cannot plot the sweep ${path}: no run is finished`);
  }
  const { fit } = new SweepFolder(path);
  if (!await exists(fit)) return plotSweep(rows);
  return plotSweep(rows, await readJson<SweepFit>(fit, "the law of a sweep"));
}

/** What cleaning left of a corpus. */
async function funnelFigure(path: string): Promise<Figure> {
  const record = await readJson<{ funnel?: CorpusFunnel } | null>(
    join(path, "corpus.json"),
    "the record of a corpus",
  );
  if (record?.funnel) return plotFunnel(record.funnel);
  throw new DataError(
    `Cannot plot ${path}: its record holds no filters; wanted a corpus that ` +
      "corpus clean has written",
  );
}

/** The figure of what lies in folders, by the files that are in the first. */
async function figureOf(
  paths: readonly string[],
  wantsEnergy: boolean,
): Promise<Figure> {
  const [first, ...more] = paths as [string, ...string[]];
  if (wantsEnergy) return await energyFigure(paths);
  const holds = (name: string) => exists(join(first, name));
  if (await holds("log.jsonl")) return await lossFigure(paths);
  const isSweep = await holds("sweep.json");
  if (more.length === 0 && isSweep) return await sweepFigure(first);
  if (more.length === 0 && await holds("corpus.json")) {
    return await funnelFigure(first);
  }
  const runs = more.length === 0 ? await listRuns(first) : [];
  if (runs.length > 0) {
    return await lossFigure(runs.map(({ folder }) => folder));
  }
  throw new DataError(
    `Cannot plot ${paths.join(" ")}: wanted runs, one sweep, or one corpus ` +
      "that corpus clean has written",
  );
}

async function runPlot(line: CommandLine): Promise<void> {
  const out = line.needText("out");
  const write = FORMS[extname(out)];
  if (!write) {
    throw new ConfigError(
      `Cannot write a figure to ${out}: wanted a name that ends in ` +
        Object.keys(FORMS).join(", "),
    );
  }
  const figure = await figureOf(line.operands, line.has("energy"));
  await writeFileAtomic(out, await write(figure, line.operands.join(", ")));
  print(out);
}

/** The command "plot". */
export const plotCommand: Command = {
  name: "plot",
  summary: "Draw the loss or energy of runs, a sweep, or a cleaned corpus",
  operands: ["FOLDER…"],
  options: {
    out: {
      kind: "text",
      value: "FILE",
      help: ".html moves and needs no network; .svg and .png are pictures; " +
        ".json is for Plotly",
    },
    energy: {
      kind: "switch",
      help: "of runs, where their energy went, in place of their losses",
    },
  },
  example: "plot runs/a runs/b --out losses.html",
  run: runPlot,
};
