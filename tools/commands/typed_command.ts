/**
 * Commands as a person types them: for records, cards, and the hint after a
 * step of the way from texts to a model, which names the step that follows.
 *
 * @module
 */
import { PROGRAM } from "./help.ts";
import { note } from "./terminal.ts";

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=,%@+-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words after the program's name as one would type them. */
export function typedCommand(words: readonly string[]): string {
  return [PROGRAM, ...words.map(quoted)].join(" ");
}

/** Says what one may type next; on stderr, beside the result. */
export function noteNext(...words: readonly string[]): void {
  note(`next: ${typedCommand(words)}`);
}
