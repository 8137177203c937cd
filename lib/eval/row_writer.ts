/**
 * What the templates of a task file make of a row: its prompt, its choices and
 * what is right. Each is checked, so that a run only meets items that can be
 * scored.
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";
import { comparedText } from "./answer_forms.ts";
import type { AnswerItem } from "./answer_task.ts";
import type { RowFields } from "./data_rows.ts";
import type { TaskFile } from "./task_file.ts";
import { TaskTemplate } from "./task_template.ts";

/** Writes rows by the templates of a task; what fails is a FormatError. */
export class RowWriter {
  readonly #task: TaskFile;
  readonly #text: TaskTemplate;
  readonly #target: TaskTemplate;
  readonly #choice: TaskTemplate | undefined;

  constructor(task: TaskFile) {
    const { docToText, docToTarget, docToChoice } = task;
    this.#task = task;
    this.#text = new TaskTemplate(docToText, "doc_to_text");
    this.#target = new TaskTemplate(String(docToTarget), "doc_to_target");
    this.#choice = typeof docToChoice === "string"
      ? new TaskTemplate(docToChoice, "doc_to_choice")
      : undefined;
  }

  /** What is asked. */
  prompt(fields: RowFields): string {
    return this.#text.render(fields);
  }

  /** What is right, as a text that is not empty. */
  target(fields: RowFields): string {
    const target = this.#target.render(fields);
    if (target !== "") return target;
    throw new FormatError("Cannot write doc_to_target: it comes out empty");
  }

  /** The choices, at least two. */
  choices(fields: RowFields): string[] {
    const given = this.#choice?.value(fields) ?? this.#task.docToChoice;
    if (!Array.isArray(given) || given.length < 2) {
      throw new FormatError(
        `Cannot write doc_to_choice: it gives ${
          JSON.stringify(given)
        }, wanted ` +
          "a list of at least two",
      );
    }
    const choices = given.map(String);
    if (choices.every((choice) => choice.trim() !== "")) return choices;
    throw new FormatError("Cannot write doc_to_choice: a choice is empty");
  }

  /** Index of the right choice, from its place or its text. */
  gold(fields: RowFields, choices: readonly string[]): number {
    const target = this.#target.value(fields);
    const gold = typeof target === "number"
      ? target
      : choices.indexOf(String(target));
    if (Number.isInteger(gold) && gold >= 0 && gold < choices.length) {
      return gold;
    }
    throw new FormatError(
      `Cannot use doc_to_target: it gives ${
        JSON.stringify(target)
      }, wanted a ` +
        `place below ${choices.length} or one of ${choices.join(", ")}`,
    );
  }

  /** An answer as examples show it, and what counts as right. */
  answer(fields: RowFields): Pick<AnswerItem, "gold" | "written"> {
    const { form } = this.#task;
    const written = this.target(fields);
    if (form.kind === "text") {
      return { written, gold: comparedText(written, form) };
    }
    if (form.kind === "number") {
      const gold = Number(written.replace(",", "."));
      if (Number.isFinite(gold)) return { written, gold };
      throw new FormatError(`Its target "${written}" is no number`);
    }
    const labels = form.kind === "label" ? form.labels : [...form.letters];
    if (labels.includes(written)) return { written, gold: written };
    throw new FormatError(
      `Its target "${written}" is none of ${labels.join(", ")}`,
    );
  }
}
