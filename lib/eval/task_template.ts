/**
 * Jinja templates over the rows of a data set, as task files of
 * lm-evaluation-harness have them. A field that a row does not have is an error,
 * as there; and a template that does not come to an end is stopped, since rows
 * and templates come from strangers.
 *
 * @module
 */
import { Environment, parse, tokenize } from "@huggingface/jinja";
import {
  BoundedInterpreter,
  FormatError,
  JINJA_GLOBALS,
  messageOf,
} from "../util/mod.ts";
import type { RowFields } from "./data_rows.ts";

/** Steps that one row may take; templates of tasks take some hundred. */
const MAX_STEPS = 50_000;

type Evaluate = BoundedInterpreter["evaluate"];
type Node = NonNullable<Parameters<Evaluate>[0]>;
type Value = ReturnType<Evaluate>;

/** Nodes whose value may be missing: `x is defined`, `x | default(…)`. */
function mayLack(node: Node): boolean {
  if (node.type === "TestExpression") return true;
  const { filter } = node as { filter?: { value?: unknown; callee?: Node } };
  const name = filter?.value ?? (filter?.callee as { value?: unknown })?.value;
  return node.type === "FilterExpression" && name === "default";
}

/** An interpreter that misses no field. */
class TaskInterpreter extends BoundedInterpreter {
  #lenient = 0;

  override evaluate(...[node, environment]: Parameters<Evaluate>): Value {
    const isLenient = node !== undefined && mayLack(node);
    if (isLenient) this.#lenient++;
    const value = super.evaluate(node, environment);
    if (isLenient) this.#lenient--;
    if (!node) return value;
    const isName = node.type === "Identifier" ||
      node.type === "MemberExpression";
    if (isName && value.type === "UndefinedValue" && this.#lenient === 0) {
      const { value: name } = node as { value?: unknown };
      throw new Error(
        typeof name === "string"
          ? `the row has no "${name}"`
          : "the row lacks a field or place that it asks for",
      );
    }
    return value;
  }
}

/** A value of the interpreter as one of JavaScript. */
function plainValue({ value }: { readonly value: unknown }): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([k, v]) => [k, plainValue(v)]));
}

/** A template; the name of a field stands for that field, as in the harness. */
export class TaskTemplate {
  readonly source: string;
  readonly #key: string;
  readonly #program: ReturnType<typeof parse>;

  /**
   * @param key what the task file calls it, "doc_to_text"
   * @throws {FormatError} when it is no Jinja
   */
  constructor(source: string, key: string) {
    this.source = source;
    this.#key = key;
    try {
      // The lexer takes the last line break away; the harness keeps it.
      const kept = source.endsWith("\n") ? source + "\n" : source;
      this.#program = parse(tokenize(kept));
    } catch (error) {
      throw new FormatError(
        `Cannot read the template ${key}: ${messageOf(error)}`,
      );
    }
  }

  #run(fields: RowFields, node: Node): Value {
    const environment = new Environment();
    try {
      const names = { ...JINJA_GLOBALS, ...fields };
      for (const [name, value] of Object.entries(names)) {
        environment.set(name, value);
      }
      return new TaskInterpreter(environment, MAX_STEPS)
        .evaluate(node, environment);
    } catch (error) {
      throw new FormatError(
        `Cannot write ${this.#key}: ${messageOf(error)}`,
      );
    }
  }

  /**
   * The text of a row.
   *
   * @throws {FormatError} when the template fails or does not end
   */
  render(fields: RowFields): string {
    const { source } = this;
    return Object.hasOwn(fields, source)
      ? String(fields[source])
      : String(this.#run(fields, this.#program).value);
  }

  /**
   * The value of a row: that of the expression where the template is nothing
   * else, or else its text, read as JSON or as Python writes lists and numbers.
   *
   * @throws {FormatError} when the template fails or does not end
   */
  value(fields: RowFields): unknown {
    const { source } = this;
    if (Object.hasOwn(fields, source)) return fields[source];
    const [node, ...others] = this.#program.body;
    const isExpression = node && others.length === 0 &&
      source.trim().startsWith("{{");
    if (!isExpression) return readLiteral(this.render(fields));
    const value = plainValue(this.#run(fields, node));
    return typeof value === "string" ? readLiteral(value) : value;
  }
}

/** A list or a number in a text; the text itself where it is neither. */
function readLiteral(text: string): unknown {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^\s*\[[^]*\]\s*$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Python's quotes: its literals are also Jinja's.
    return new TaskTemplate(`{{ ${text.trim()} }}`, "a list").value({});
  }
}
