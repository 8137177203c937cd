/**
 * Messages of the kernel as the outputs of a notebook: streams are joined,
 * displays are updated in place (also those of earlier cells), outputs are
 * cleared when the code asks for it.
 *
 * @module
 */
import type { KernelMessage } from "./kernel_message.ts";
import type { CellOutput, OutputData } from "./notebook_file.ts";

type MediaOutput = Extract<CellOutput, { data: OutputData }>;

interface MediaContent {
  data: OutputData;
  metadata?: Record<string, unknown>;
  transient?: { display_id?: string };
}

/** Collects the outputs of one cell after another. */
export class OutputCollector {
  readonly #displays = new Map<string, MediaOutput[]>();
  #outputs: CellOutput[] = [];
  #number = 0;
  #isClearing = false;
  #errors: CellOutput[] = [];

  /** Sends what comes from now on to `outputs` of the code cell `number`. */
  startCell(outputs: CellOutput[], number: number): void {
    this.#outputs = outputs;
    this.#number = number;
    this.#isClearing = false;
    this.#errors = [];
  }

  /** Puts errors to the end: the kernel sends them before the last text. */
  endCell(): void {
    this.#outputs.push(...this.#errors);
    this.#errors = [];
  }

  /** Takes in one message; those that are no output pass by. */
  add({ type, content }: KernelMessage): void {
    switch (type) {
      case "stream":
        return this.#addText(String(content.name), String(content.text));
      case "error":
        this.#errors.push({
          output_type: "error",
          ename: String(content.ename),
          evalue: String(content.evalue),
          traceback: content.traceback as string[],
        });
        break;
      case "display_data":
      case "execute_result":
        return this.#addMedia(type, content as unknown as MediaContent);
      case "update_display_data":
        return this.#update(content as unknown as MediaContent);
      case "clear_output":
        this.#isClearing = true; // done when the next output comes
        if (!content.wait) this.#clear();
    }
  }

  #clear(): void {
    if (!this.#isClearing) return;
    this.#outputs.length = 0;
    this.#isClearing = false;
  }

  #add(output: CellOutput): void {
    this.#clear();
    this.#outputs.push(output);
  }

  #addText(name: string, text: string): void {
    this.#clear();
    const last = this.#outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#add({ output_type: "stream", name, text });
  }

  #addMedia(
    type: MediaOutput["output_type"],
    { data, metadata = {}, transient }: MediaContent,
  ): void {
    const output: MediaOutput = type === "execute_result"
      ? { output_type: type, data, metadata, execution_count: this.#number }
      : { output_type: type, data, metadata };
    this.#add(output);
    const id = transient?.display_id;
    if (id === undefined) return;
    this.#displays.set(id, [...this.#displays.get(id) ?? [], output]);
  }

  #update({ data, metadata = {}, transient }: MediaContent): void {
    for (
      const output of this.#displays.get(transient?.display_id ?? "") ?? []
    ) {
      output.data = data;
      output.metadata = metadata;
    }
  }
}
