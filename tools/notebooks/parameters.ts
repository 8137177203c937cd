/**
 * Parameters of a notebook: the cell tagged "parameters" declares them,
 * `const name = value;`, and a run may set others in a cell after it.
 *
 * @module
 */
import { ConfigError } from "../../lib/util/mod.ts";
import {
  type CodeCell,
  codeCells,
  hasTag,
  type Notebook,
} from "./notebook_file.ts";

/** Values of parameters by name; anything that JSON can hold. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Names that the code of a cell declares at the start of a line, several of
 * one line as well: `const layer = 2, head = 1;`.
 */
export function declaredNames(source: string): string[] {
  const lines = source.matchAll(/^(?:const|let|var)\s+(.*?)(?:\/\/.*)?$/gm);
  return [...lines].flatMap(([, declared]) => {
    const names = declared!.matchAll(
      /(?:^|,)\s*([A-Za-z_$][\w$]*)\s*(?::[^=,]+)?=(?![=>])/g,
    );
    return [...names].map(([, name]) => name!);
  });
}

/** The cell tagged "parameters", if the notebook has one. */
export function parametersCell(notebook: Notebook): CodeCell | undefined {
  return codeCells(notebook).find((cell) => hasTag(cell, "parameters"));
}

/**
 * Code that sets parameters, to run after the parameters cell.
 *
 * @throws {ConfigError} when the notebook has no such cell or does not declare
 * one of the names
 */
export function parametersCode(
  notebook: Notebook,
  parameters: Parameters,
): string {
  const cell = parametersCell(notebook);
  const known = cell ? declaredNames(cell.source) : [];
  const unknown = Object.keys(parameters).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError(
      `Cannot set the parameter "${unknown}": ` +
        (cell
          ? `the notebook declares ${known.join(", ") || "none"}`
          : 'the notebook has no cell tagged "parameters"'),
    );
  }
  return Object.entries(parameters)
    .map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`)
    .join("\n");
}
