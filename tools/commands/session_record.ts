/**
 * How a session of a run was called and where it is computed, a line of
 * `sessions.jsonl` for its start and each time it goes on: what one needs to
 * do it again, or to see why another machine got other numbers.
 *
 * @module
 */
import { hostname, release } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type HostFacts, readHostFacts } from "../../lib/mod.ts";
import { cadernoVersion } from "./version.ts";

/** One start of a run. */
export interface SessionRecord {
  readonly kind: "start" | "resume";
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Words after the program's name. */
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly cadernoVersion: string;
  /** Commit of Caderno's checkout, "+" behind it if files were changed. */
  readonly gitCommit?: string;
  readonly denoVersion: string;
  readonly v8Version: string;
  readonly host: string;
  /** Version of the system's kernel. */
  readonly osRelease: string;
  readonly machine: HostFacts;
  /** Adapter of the GPU; of the CPU device its threads and its BLAS. */
  readonly device: string;
  /** Variables that change how Caderno computes. */
  readonly environment: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const VARIABLES = /^(?:CADERNO_.*|DENO_V8_FLAGS)$/;

async function git(...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args: ["-C", ROOT, ...args] });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // no git here
  }
}

/** The commit that runs; undefined where Caderno is no checkout of its own. */
async function gitCommit(): Promise<string | undefined> {
  const answer = await git("rev-parse", "--show-toplevel", "HEAD");
  const [top, commit] = answer?.split("\n") ?? [];
  if (!top || !commit || relative(top, ROOT) !== "") return undefined;
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes === "" ? commit : `${commit}+`;
}

/** This session, now. */
export async function describeSession(
  kind: SessionRecord["kind"],
  device: string,
): Promise<SessionRecord> {
  const commit = await gitCommit();
  const environment = Object.entries(Deno.env.toObject())
    .filter(([name]) => VARIABLES.test(name)).sort();
  return {
    kind,
    startedAt: new Date().toISOString(),
    command: Deno.args,
    workingFolder: Deno.cwd(),
    cadernoVersion,
    ...(commit === undefined ? {} : { gitCommit: commit }),
    denoVersion: Deno.version.deno,
    v8Version: Deno.version.v8,
    host: hostname(),
    osRelease: release(),
    machine: await readHostFacts(),
    device,
    environment: Object.fromEntries(environment),
  };
}
