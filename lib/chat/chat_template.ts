/**
 * How a conversation is written for a model: a Jinja template, as Hugging Face
 * keeps it beside a tokenizer. TeenyTinyLlama's (arXiv 2401.16640, section 4.3)
 * puts what a person says between two tokens of its own and ends what the model
 * says with `</s>`.
 *
 * @module
 */
import { Environment, parse, tokenize } from "@huggingface/jinja";
import { join } from "node:path";
import type { Tokenizer } from "../text/mod.ts";
import {
  BoundedInterpreter,
  DataError,
  exists,
  FormatError,
  JINJA_GLOBALS,
  messageOf,
  readJson,
  readText,
  writeFileAtomic,
} from "../util/mod.ts";

/** What somebody says. */
export interface ChatMessage {
  /** "user", "assistant", and what else the template knows ("system"). */
  readonly role: string;
  readonly content: string;
}

/** A stretch of a written conversation. */
export interface ChatSegment {
  readonly text: string;
  /** Whether the model says it. */
  readonly isAnswer: boolean;
}

/** Tokens that TTL's chat model adds to its vocabulary. */
export const TTL_CHAT_TOKENS = ["<instruction>", "</instruction>"] as const;

/** TTL's layout: user first, strict turns, no other role. */
export const TTL_CHAT_TEMPLATE = `{{ bos_token }}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('roles must alternate, the user first') }}
{%- endif %}
{%- if message['role'] == 'user' %}
{{- '<instruction>' + message['content'].strip() + '</instruction>' }}
{%- elif message['role'] == 'assistant' %}
{{- message['content'].strip() + eos_token }}
{%- else %}
{{- raise_exception('there are the roles user and assistant only') }}
{%- endif %}
{%- endfor %}`;

/** Steps of one writing; a chat of a hundred messages takes some thousand. */
const MAX_STEPS = 1_000_000;

/** A template with the tokenizer that it is for. */
export class ChatTemplate {
  /** Jinja. */
  readonly source: string;
  readonly #program: ReturnType<typeof parse>;
  readonly #tokens: Readonly<Record<string, string>>;
  readonly #specialNames: readonly string[];

  /** @throws {FormatError} when the template is no Jinja */
  constructor(source: string, { model }: Tokenizer) {
    this.source = source;
    try {
      const options = { lstrip_blocks: true, trim_blocks: true };
      this.#program = parse(tokenize(source, options));
    } catch (error) {
      throw new FormatError(
        `Cannot use the chat template: ${messageOf(error)}`,
      );
    }
    const { pieces, bosId, eosId, padId, unkId, specialIds } = model;
    const roles = {
      ...{ bos_token: bosId, eos_token: eosId },
      ...{ pad_token: padId, unk_token: unkId },
    };
    this.#tokens = Object.fromEntries(
      Object.entries(roles).map(([role, id]) => [role, pieces[id] ?? ""]),
    );
    this.#specialNames = specialIds.map((id) => pieces[id]!);
  }

  /**
   * The conversation as one text, special tokens by their names.
   *
   * @param options.asksForAnswer adds what comes before the next answer
   * @throws {DataError} when a message holds the name of a special token, or
   * the template refuses or loops
   */
  render(
    messages: readonly ChatMessage[],
    { asksForAnswer = false }: { readonly asksForAnswer?: boolean } = {},
  ): string {
    for (const [i, { content }] of messages.entries()) {
      const name = this.#specialNames.find((name) => content.includes(name));
      if (name === undefined) continue;
      throw new DataError(
        `Cannot write message ${i + 1} of a conversation: it holds the ` +
          `special token ${name}`,
      );
    }
    const environment = new Environment();
    const globals = {
      ...JINJA_GLOBALS,
      ...this.#tokens,
      raise_exception: (why: string) => {
        throw new Error(why);
      },
      messages,
      add_generation_prompt: asksForAnswer,
    };
    for (const [name, value] of Object.entries(globals)) {
      environment.set(name, value);
    }
    try {
      const written = new BoundedInterpreter(environment, MAX_STEPS)
        .run(this.#program);
      return String(written.value);
    } catch (error) {
      throw new DataError(
        `Cannot write a conversation of ${messages.length} messages ` +
          `with the chat template: ${messageOf(error)}`,
      );
    }
  }

  /**
   * The conversation cut into what the model says and what it does not.
   *
   * @throws {DataError} as `render`, and when what was written changes as the
   * conversation goes on, so that answers have no place of their own
   */
  segments(messages: readonly ChatMessage[]): ChatSegment[] {
    const segments: ChatSegment[] = [];
    let done = "";
    const goOn = (text: string, isAnswer: boolean) => {
      if (!text.startsWith(done)) {
        throw new DataError(
          "Cannot tell answers from questions: the chat template writes " +
            `"${done.slice(-40)}" otherwise when the conversation goes on`,
        );
      }
      if (text !== done) {
        segments.push({ text: text.slice(done.length), isAnswer });
      }
      done = text;
    };
    for (const [i, { role }] of messages.entries()) {
      if (role !== "assistant") continue;
      const asksForAnswer = true;
      goOn(this.render(messages.slice(0, i), { asksForAnswer }), false);
      goOn(this.render(messages.slice(0, i + 1)), true);
    }
    if (messages.at(-1)?.role !== "assistant") {
      goOn(this.render(messages, { asksForAnswer: true }), false);
    }
    return segments;
  }
}

/** Writes the template beside a tokenizer, as `chat_template.jinja`. */
export function saveChatTemplate(
  folder: string,
  template: ChatTemplate,
): Promise<void> {
  const path = join(folder, "chat_template.jinja");
  return writeFileAtomic(path, template.source);
}

/**
 * Reads the template of a folder: `chat_template.jinja`, or that in
 * `tokenizer_config.json`; TTL's where there is none and the tokenizer has
 * TTL's tokens.
 *
 * @throws {DataError} when there is none
 * @throws {FormatError} when it is no Jinja
 */
export async function loadChatTemplate(
  folder: string,
  tokenizer: Tokenizer,
): Promise<ChatTemplate> {
  const file = join(folder, "chat_template.jinja");
  if (await exists(file)) {
    const source = await readText(file, "a chat template");
    return new ChatTemplate(source, tokenizer);
  }
  const source = await templateOfConfig(join(folder, "tokenizer_config.json"));
  if (source !== undefined) return new ChatTemplate(source, tokenizer);
  if (TTL_CHAT_TOKENS.every((name) => tokenizer.idOf(name) !== undefined)) {
    return new ChatTemplate(TTL_CHAT_TEMPLATE, tokenizer);
  }
  throw new DataError(
    `Cannot chat with ${folder}: it has no chat template; a model learns to ` +
      "chat by fine-tuning",
  );
}

/** The template in a tokenizer's configuration; of several, the default. */
async function templateOfConfig(path: string): Promise<string | undefined> {
  if (!await exists(path)) return undefined;
  const { chat_template: found } = await readJson<{ chat_template?: unknown }>(
    path,
    "a tokenizer's configuration",
  );
  if (!Array.isArray(found)) {
    return typeof found === "string" ? found : undefined;
  }
  const named = found as { name: string; template: string }[];
  return named.find(({ name }) => name === "default")?.template;
}
