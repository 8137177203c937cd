/**
 * What the energy models need to know of a machine: its processor, its
 * threads, its memory. Read from `/proc` and the control group on Linux, from
 * the runtime elsewhere. The kernel's files stand behind two functions, so
 * that this and the meters run on a recorded tree as well.
 *
 * @module
 */
import { cpus } from "node:os";
import { join } from "node:path";

/** Bytes in one GiB. */
const GIBIBYTE = 2 ** 30;

/** Reads small files below some root; paths are relative, without "/" first. */
export interface SystemFiles {
  /** Text of a file. Throws what Deno throws: NotFound, PermissionDenied. */
  read(path: string): Promise<string>;
  /** Names in a folder, sorted; throws in the same way. */
  list(folder: string): Promise<string[]>;
}

/** Files of this machine, or of a recorded tree below `root`. */
export function systemFiles(root = "/"): SystemFiles {
  return {
    read: (path) => Deno.readTextFile(join(root, path)),
    list: async (folder) => {
      const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
      return entries.map((entry) => entry.name).sort();
    },
  };
}

/** Text of a file, or undefined when it cannot be read for any reason. */
async function readIfThere(
  files: SystemFiles,
  path: string,
): Promise<string | undefined> {
  try {
    return await files.read(path);
  } catch {
    return undefined;
  }
}

/** The parts of a machine; undefined where it would not say. */
export interface HostFacts {
  /** "linux", "darwin", "windows". */
  readonly os: string;
  /** "x86_64", "aarch64". */
  readonly arch: string;
  readonly cpuModel: string | undefined;
  /** Processor packages. */
  readonly sockets: number;
  /** Hardware threads of the whole machine. */
  readonly threads: number | undefined;
  /** Memory that this process may use, in GiB (2^30 bytes). */
  readonly memoryGibibytes: number | undefined;
}

/** What the runtime says of the machine, for systems without `/proc`. */
export function runtimeFacts(): HostFacts {
  const processors = cpus();
  return {
    os: Deno.build.os,
    arch: Deno.build.arch,
    cpuModel: processors[0]?.model.trim() || undefined,
    sockets: 1,
    threads: processors.length || undefined,
    memoryGibibytes: Deno.systemMemoryInfo().total / GIBIBYTE,
  };
}

/**
 * Describes the machine.
 *
 * @param files `/proc` and `/sys`, of this machine or recorded
 * @param fallback what holds where a file is absent
 */
export async function readHostFacts(
  files: SystemFiles = systemFiles(),
  fallback: HostFacts = runtimeFacts(),
): Promise<HostFacts> {
  const cpuinfo = await readIfThere(files, "proc/cpuinfo") ?? "";
  const valuesOf = (key: string) =>
    [...cpuinfo.matchAll(new RegExp(`^${key}[ \\t]*:[ \\t]*(.*)$`, "gm"))]
      .map((match) => match[1]!.trim());
  return {
    ...fallback,
    cpuModel: valuesOf("model name")[0] ?? fallback.cpuModel,
    sockets: new Set(valuesOf("physical id")).size || fallback.sockets,
    threads: valuesOf("processor").length || fallback.threads,
    memoryGibibytes: await memoryGibibytes(files) ?? fallback.memoryGibibytes,
  };
}

/**
 * Memory of the machine, or the control group's limit where that is lower: a
 * container of 100 GB must not pay for its host's terabyte.
 */
async function memoryGibibytes(
  files: SystemFiles,
): Promise<number | undefined> {
  const meminfo = await readIfThere(files, "proc/meminfo");
  const kibibytes = meminfo?.match(/^MemTotal:\s*(\d+) kB/m)?.[1];
  if (kibibytes === undefined) return undefined;
  const limits = await Promise.all([
    readIfThere(files, "sys/fs/cgroup/memory.max"),
    readIfThere(files, "sys/fs/cgroup/memory/memory.limit_in_bytes"),
  ]);
  const bytes = limits.map((text) => Number.parseInt(text ?? "", 10))
    .filter((limit) => limit > 0); // "max" means no limit
  return Math.min(Number(kibibytes) * 1024, ...bytes) / GIBIBYTE;
}
