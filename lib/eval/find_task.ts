/**
 * Finding a task by the name that somebody typed.
 *
 * @module
 */
import { ConfigError, nearNames } from "../util/mod.ts";

/**
 * The task of this name.
 *
 * @param what what else it is, "setting"
 * @throws {ConfigError} naming the nearest
 */
export function findNamedTask<T extends { readonly name: string }>(
  tasks: readonly T[],
  name: string,
  what = "task",
): T {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  const names = tasks.map((task) => task.name);
  const [near] = nearNames(name, names);
  throw new ConfigError(
    `Cannot find the ${what} "${name}"` +
      (near ? `, the nearest is "${near}"` : "") +
      `: there are ${names.join(", ")}`,
  );
}
