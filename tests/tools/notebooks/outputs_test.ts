/** How messages become outputs, each rule of the protocol with a case. */
import assert from "node:assert/strict";
import type { CellOutput } from "../../../tools/notebooks/notebook_file.ts";
import { OutputCollector } from "../../../tools/notebooks/outputs.ts";

/** Outputs of a cell for messages written as [type, content]. */
function collect(
  messages: [string, Record<string, unknown>][],
  collector = new OutputCollector(),
): CellOutput[] {
  const outputs: CellOutput[] = [];
  collector.startCell(outputs, 7);
  for (const [type, content] of messages) {
    collector.add({ channel: "iopub", type, content, parentId: undefined });
  }
  collector.endCell();
  return outputs;
}

function display(text: string, id?: string): Record<string, unknown> {
  const transient = id === undefined ? {} : { display_id: id };
  return { data: { "text/plain": text }, metadata: {}, transient };
}

function texts(outputs: readonly CellOutput[]): string[] {
  return outputs.map((output) =>
    output.output_type === "stream"
      ? output.text
      : output.output_type === "error"
      ? output.evalue
      : String(output.data["text/plain"])
  );
}

Deno.test("OutputCollector joins text of one stream", () => {
  const outputs = collect([
    ["stream", { name: "stdout", text: "a" }],
    ["stream", { name: "stdout", text: "b" }],
    ["stream", { name: "stderr", text: "c" }],
    ["stream", { name: "stdout", text: "d" }],
    ["status", { execution_state: "idle" }],
  ]);
  assert.deepEqual(texts(outputs), ["ab", "c", "d"]);
});

Deno.test("OutputCollector numbers results and keeps no display ids", () => {
  assert.deepEqual(
    collect([
      ["execute_result", { ...display("r"), execution_count: 99 }],
      ["display_data", display("d", "id")],
    ]),
    [
      {
        output_type: "execute_result",
        data: { "text/plain": "r" },
        metadata: {},
        execution_count: 7,
      },
      {
        output_type: "display_data",
        data: { "text/plain": "d" },
        metadata: {},
      },
    ],
  );
});

Deno.test("OutputCollector updates displays, also of earlier cells", () => {
  const collector = new OutputCollector();
  const first = collect([
    ["display_data", display("a", "x")],
    ["display_data", display("b", "x")],
    ["display_data", display("c", "y")],
    ["update_display_data", display("A", "x")],
  ], collector);
  assert.deepEqual(texts(first), ["A", "A", "c"]);
  const second = collect([
    ["update_display_data", display("C", "y")],
    ["update_display_data", display("nobody", "z")],
  ], collector);
  assert.deepEqual(texts(first), ["A", "A", "C"]);
  assert.deepEqual(second, []);
});

Deno.test("OutputCollector clears now or when the next output comes", () => {
  const before: [string, Record<string, unknown>] = [
    "stream",
    { name: "stdout", text: "old" },
  ];
  const now: typeof before = ["clear_output", { wait: false }];
  const later: typeof before = ["clear_output", { wait: true }];
  const after: typeof before = ["stream", { name: "stdout", text: "new" }];
  assert.deepEqual(texts(collect([before, now])), []);
  assert.deepEqual(texts(collect([before, later])), ["old"]);
  assert.deepEqual(texts(collect([before, later, after])), ["new"]);
  assert.deepEqual(texts(collect([before, later, after, after])), ["newnew"]);
});

Deno.test("OutputCollector puts errors behind the text that is late", () => {
  const error = { ename: "E", evalue: "boom", traceback: ["E: boom"] };
  const outputs = collect([
    ["stream", { name: "stdout", text: "a" }],
    ["error", error],
    ["stream", { name: "stdout", text: "b" }],
  ]);
  assert.deepEqual(texts(outputs), ["ab", "boom"]);
});
