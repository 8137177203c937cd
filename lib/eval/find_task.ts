/**
 * Finding a task by the name that somebody typed.
 *
 * @module
 */
import { ConfigError, nearNames } from "../util/mod.ts";

/**
 * The task of this name.
 *
 * @throws {ConfigError} naming the nearest
 */
export function findNamedTask<T extends { readonly name: string }>(
  tasks: readonly T[],
  name: string,
): T {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  const names = tasks.map((task) => task.name);
  const [near] = nearNames(name, names);
  throw new ConfigError(
    `Cannot find the task "${name}"` +
      (near ? `, the nearest is "${near}"` : "") +
      `: there are ${names.join(", ")}`,
  );
}
