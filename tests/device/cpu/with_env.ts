/**
 * Environment variables for the time of a test.
 *
 * @module
 */

function set(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
}

/** Runs `fn` with those variables, undefined for none, and sets them back. */
export async function withEnv<T>(
  values: Readonly<Record<string, string | undefined>>,
  fn: () => T | Promise<T>,
): Promise<T> {
  const before = Object.fromEntries(
    Object.keys(values).map((name) => [name, Deno.env.get(name)]),
  );
  set(values);
  try {
    return await fn();
  } finally {
    set(before);
  }
}
