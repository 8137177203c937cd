/**
 * Choices that were measured on this GPU, kept from run to run.
 *
 * A kernel asks for a choice and goes on with its table while there is none;
 * what was asked for is measured at the next `sync` or `read`, when the program
 * waits anyway, and written to `.cache/tuning/<adapter>.json`.
 *
 * @module
 */
import { join } from "node:path";
import { ConfigError, DeviceError, writeFileAtomic } from "../../util/mod.ts";
import { cacheFolder } from "../cache_folder.ts";
import type { Tuning } from "../gpu.ts";
import type { Adapter } from "./adapter.ts";

/** Whether choices are measured: "force" measures again what is known. */
export type TuningMode = "off" | "on" | "force";

/**
 * CADERNO_TUNE, or "on" on hardware and "off" on a software driver.
 *
 * @throws {ConfigError} when CADERNO_TUNE is something else
 */
export function tuningMode(isSoftware: boolean): TuningMode {
  const mode = Deno.env.get("CADERNO_TUNE");
  if (!mode) return isSoftware ? "off" : "on";
  if (mode === "off" || mode === "on" || mode === "force") return mode;
  throw new ConfigError(
    `Cannot tune with CADERNO_TUNE=${mode}: it is off, on or force`,
  );
}

/** Name of the file for an adapter: letters, digits and hyphens. */
export function tuningPath(
  adapter: string,
  folder = cacheFolder("tuning"),
): string {
  const name = adapter.toLowerCase().replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return join(folder, `${name.slice(0, 100)}.json`);
}

/**
 * The choices of an adapter as CADERNO_TUNE wants it, or nothing when it is off.
 *
 * @throws {ConfigError} when CADERNO_TUNE is no mode
 */
export function openTuning(
  { name, isSoftware }: Pick<Adapter, "name" | "isSoftware">,
): TuningCache | undefined {
  const mode = tuningMode(isSoftware);
  return mode === "off" ? undefined : new TuningCache(tuningPath(name), mode);
}

function readChoices(path: string): Map<string, string> {
  try {
    const entries = Object.entries(JSON.parse(Deno.readTextFileSync(path)));
    return new Map(
      entries.filter((e): e is [string, string] => typeof e[1] === "string"),
    );
  } catch {
    return new Map(); // absent or damaged: measured again
  }
}

/** Measured choices of one adapter. */
export class TuningCache implements Tuning {
  readonly #path: string;
  readonly #choices: Map<string, string>;
  readonly #wanted = new Map<string, () => Promise<string>>();
  #isMeasuring = false;

  /** @param path file of the choices, see {@link tuningPath} */
  constructor(path: string, mode: Exclude<TuningMode, "off">) {
    this.#path = path;
    this.#choices = mode === "force" ? new Map() : readChoices(path);
  }

  choose(key: string, measure: () => Promise<string>): string | undefined {
    const choice = this.#choices.get(key);
    // Products of a measurement itself must not ask for more of them.
    if (choice === undefined && !this.#isMeasuring) {
      this.#wanted.set(key, measure);
    }
    return choice;
  }

  /**
   * Measures what was asked for.
   *
   * @returns how many choices are new
   */
  async settle(): Promise<number> {
    if (this.#isMeasuring || this.#wanted.size === 0) return 0;
    this.#isMeasuring = true;
    let count = 0;
    try {
      for (const [key, measure] of this.#wanted) {
        this.#wanted.delete(key); // once, also when it fails
        try {
          this.#choices.set(key, await measure());
          count++;
        } catch (error) {
          // No room for its matrices: the table goes on deciding.
          if (!(error instanceof DeviceError)) throw error;
          this.#choices.set(key, "");
        }
      }
    } finally {
      this.#isMeasuring = false;
    }
    await this.#save();
    return count;
  }

  async #save(): Promise<void> {
    const known = [...this.#choices].filter(([, choice]) => choice !== "");
    // Another process may have added choices since this one began.
    const all = new Map([...readChoices(this.#path), ...known]);
    const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(Object.fromEntries(sorted), null, 2);
    // A checkout that cannot be written to measures in every process.
    await writeFileAtomic(this.#path, `${text}\n`).catch(() => {});
  }
}
