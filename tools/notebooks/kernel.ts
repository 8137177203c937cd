/**
 * A client of the kernel `deno jupyter --kernel` in plain TypeScript, by the
 * Jupyter protocol 5.3 (https://jupyter-client.readthedocs.io): no Python, and
 * unlike other clients it loses no output. The kernel of Deno 2.9 reports a
 * cell as done before its outputs are written; its queue keeps the order
 * though, so a silent cell that sends a marker follows each cell, and what
 * comes before the marker belongs to the cell.
 *
 * @module
 */
import { join } from "node:path";
import { InterruptedError, messageOf } from "../../lib/util/mod.ts";
import {
  type Channel,
  decodeMessage,
  encodeMessage,
  type KernelMessage,
} from "./kernel_message.ts";
import { ZmtpConnection } from "./zmtp.ts";

/** A kernel that died, broke its stream or did not answer in time. */
export class KernelError extends Error {
  override name = "KernelError";
}

const MARKER = "caderno-marker";
const START_ATTEMPTS = 3;
const START_MS = 20_000;
const STOP_MS = 3000;
/** Characters of the kernel's stderr that are kept for an error. */
const MAX_LOG = 8000;

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** A running kernel with one client. */
export class Kernel {
  readonly #key: string;
  readonly #session = crypto.randomUUID();
  readonly #connectionFolder: string;
  readonly #process: Deno.ChildProcess;
  readonly #sockets = new Map<Channel, ZmtpConnection>();
  readonly #listeners = new Set<(message: KernelMessage) => void>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #drained: Promise<void>;
  #log = "";
  #isClosing = false;

  private constructor(
    process: Deno.ChildProcess,
    key: string,
    connectionFolder: string,
  ) {
    this.#process = process;
    this.#key = key;
    this.#connectionFolder = connectionFolder;
    this.#failure.promise.catch(() => {}); // seen by whoever waits
    this.#drained = this.#keepLog();
    void this.#watch();
  }

  /**
   * Starts a kernel.
   *
   * @param options.cwd folder where relative paths and deno.json are looked up
   * @param options.env variables besides those of this process
   * @throws {KernelError} when it does not come up
   */
  static async start(
    options: { cwd: string; env?: Record<string, string> },
  ): Promise<Kernel> {
    for (let attempt = 1;; attempt++) {
      try {
        return await Kernel.#startOnce(options);
      } catch (error) {
        // Another process may have taken a port between choosing and binding.
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  static async #startOnce(
    { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
  ): Promise<Kernel> {
    const [shell, iopub, stdin, control, heartbeat] = freePorts(5);
    const key = crypto.randomUUID();
    const folder = await Deno.makeTempDir({ prefix: "caderno-kernel-" });
    const file = join(folder, "connection.json");
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        ip: "127.0.0.1",
        transport: "tcp",
        key,
        signature_scheme: "hmac-sha256",
        shell_port: shell,
        iopub_port: iopub,
        stdin_port: stdin,
        control_port: control,
        hb_port: heartbeat,
      }),
      { mode: 0o600 },
    );
    const process = new Deno.Command(Deno.execPath(), {
      args: ["jupyter", "--kernel", "--conn", file],
      cwd,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const kernel = new Kernel(process, key, folder);
    try {
      await kernel.#connect(shell!, iopub!, control!);
      return kernel;
    } catch (error) {
      await kernel.shutdown();
      throw error;
    }
  }

  /** Process id of the kernel. */
  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Runs code as a cell and hands every output to `onMessage` in order, those
   * of work that an earlier cell left running included.
   *
   * @returns "error" when the code threw, which is an output too, or could not
   * be parsed, of which there is no output
   * @param options.timeoutSeconds how long it may take; no limit by default
   * @param options.signal stops waiting; the kernel goes on until shut down
   * @throws {KernelError} when the kernel dies or the time is over
   * @throws {InterruptedError} when the signal is aborted
   */
  async execute(
    code: string,
    options: {
      onMessage?: (message: KernelMessage) => void;
      timeoutSeconds?: number;
      signal?: AbortSignal;
    } = {},
  ): Promise<"ok" | "error"> {
    const { onMessage } = options;
    const tag = crypto.randomUUID();
    const marker = Promise.withResolvers<void>();
    const stop = this.#listen((message) => {
      if (message.channel !== "iopub") return;
      if (message.type !== MARKER) onMessage?.(message);
      else if (message.content.tag === tag) marker.resolve();
    });
    try {
      return await this.#guard(async () => {
        const reply = await this.#request("shell", "execute_request", {
          code,
          silent: false,
          store_history: true,
          user_expressions: {},
          allow_stdin: false,
          stop_on_error: true,
        });
        await this.#request("shell", "execute_request", {
          code: `Deno.jupyter.broadcast("${MARKER}", { tag: "${tag}" })`,
          silent: true,
          store_history: false,
          user_expressions: {},
          allow_stdin: false,
          stop_on_error: false,
        });
        await marker.promise;
        return reply.content.status === "ok" ? "ok" : "error";
      }, options);
    } finally {
      stop();
    }
  }

  /** What the stop button does: SIGINT. */
  interrupt(): void {
    this.#process.kill("SIGINT");
  }

  /** Ends the kernel, by force when it does not follow, and cleans up. */
  async shutdown(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#send("control", "shutdown_request", { restart: false })
      .catch(() => {}); // it may be gone or never have come up
    const timer = setTimeout(() => {
      try {
        this.#process.kill("SIGKILL");
      } catch { /* it has ended in between */ }
    }, STOP_MS);
    await this.#process.status;
    clearTimeout(timer);
    await this.#drained;
    for (const socket of this.#sockets.values()) socket.close();
    await Deno.remove(this.#connectionFolder, { recursive: true });
  }

  /** So that `await using` shuts it down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #connect(shell: number, iopub: number, control: number): Promise<void> {
    const identity = crypto.randomUUID();
    await this.#guard(async () => {
      await this.#open("shell", shell, "DEALER", identity);
      await this.#open("iopub", iopub, "SUB", identity);
      await this.#open("control", control, "DEALER", identity);
      await this.#sockets.get("iopub")!.send([Uint8Array.of(1)]); // all topics
      await this.#request("shell", "kernel_info_request", {});
    }, { timeoutSeconds: START_MS / 1000 });
  }

  async #open(
    channel: Channel,
    port: number,
    type: string,
    identity: string,
  ): Promise<void> {
    const socket = await this.#retry(() =>
      ZmtpConnection.connect(port, type, identity)
    );
    this.#sockets.set(channel, socket);
    void this.#pump(channel, socket);
  }

  /** Tries until the kernel listens. */
  async #retry<T>(connect: () => Promise<T>): Promise<T> {
    const start = performance.now();
    for (;;) {
      try {
        return await connect();
      } catch (error) {
        const isLate = performance.now() - start > START_MS;
        if (this.#isClosing || isLate) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Hands on messages until the connection closes. */
  async #pump(channel: Channel, socket: ZmtpConnection): Promise<void> {
    for (;;) {
      const frames = await socket.receive();
      if (!frames) return;
      let message: KernelMessage;
      try {
        message = decodeMessage(channel, frames);
      } catch (error) {
        this.#failure.reject(
          new KernelError(
            "The kernel's messages cannot be read any more; one output of " +
              `more than about 4 MB does that: ${messageOf(error)}`,
          ),
        );
        return;
      }
      for (const listener of [...this.#listeners]) listener(message);
    }
  }

  #listen(listener: (message: KernelMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Work that ends early when the kernel dies, time is over or on a signal. */
  async #guard<T>(
    work: () => Promise<T>,
    { timeoutSeconds, signal }: {
      timeoutSeconds?: number;
      signal?: AbortSignal;
    },
  ): Promise<T> {
    const early = Promise.withResolvers<never>();
    const timer = timeoutSeconds === undefined ? undefined : setTimeout(
      () =>
        early.reject(
          new KernelError(`The kernel did not answer in ${timeoutSeconds} s`),
        ),
      timeoutSeconds * 1000,
    );
    const abort = (): void => early.reject(new InterruptedError("Stopped"));
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted) abort();
      return await Promise.race([work(), early.promise, this.#failure.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Sends a request and resolves with its reply. */
  async #request(
    channel: Channel,
    type: string,
    content: Record<string, unknown>,
  ): Promise<KernelMessage> {
    const id = crypto.randomUUID();
    const reply = Promise.withResolvers<KernelMessage>();
    const stop = this.#listen((message) => {
      if (message.channel === channel && message.parentId === id) {
        reply.resolve(message);
      }
    });
    try {
      await this.#send(channel, type, content, id);
      return await Promise.race([reply.promise, this.#failure.promise]);
    } finally {
      stop();
    }
  }

  async #send(
    channel: Channel,
    type: string,
    content: Record<string, unknown>,
    id: string = crypto.randomUUID(),
  ): Promise<void> {
    const socket = this.#sockets.get(channel);
    if (!socket) throw new KernelError(`The kernel has no ${channel} socket`);
    await socket.send(
      encodeMessage(type, content, {
        id,
        session: this.#session,
        key: this.#key,
      }),
    );
  }

  /** Keeps the end of what the kernel writes to stderr. */
  async #keepLog(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#process.stderr) {
      this.#log = (this.#log + decoder.decode(chunk, { stream: true })).slice(
        -MAX_LOG,
      );
    }
  }

  /** Fails everything that waits when the process ends by itself. */
  async #watch(): Promise<void> {
    const { code, signal } = await this.#process.status;
    await this.#drained;
    const log = this.#log.replace(/^Warning "deno jupyter".*\n/, "").trim();
    this.#failure.reject(
      new KernelError(
        `The kernel died with ${signal ?? `exit code ${code}`}` +
          (log ? `; the end of its stderr:\n${log}` : " and wrote no error"),
      ),
    );
  }
}
