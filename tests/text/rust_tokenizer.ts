/**
 * Hugging Face's own tokenizer, in Rust, where its npm package has a build for
 * the machine: tests that compare with it say that they skip elsewhere.
 *
 * @module
 */
import type { Tokenizer } from "@anush008/tokenizers";
import { messageOf } from "../../lib/util/mod.ts";

let rust: typeof Tokenizer | undefined;
let reason = "";
try {
  rust = (await import("@anush008/tokenizers")).Tokenizer;
} catch (error) {
  reason = messageOf(error).split("\n")[0]!;
}

/** The class, or undefined where there is no build. */
export const RustTokenizer = rust;

/** A test that needs it. */
export function rustTest(
  name: string,
  fn: (rust: typeof Tokenizer) => void | Promise<void>,
): void {
  Deno.test({
    name: rust ? name : `${name} (skipped: ${reason})`,
    ignore: rust === undefined,
    fn: () => fn(rust!),
  });
}

/** Ids that a `tokenizer.json` means for a text, without beginning or end. */
export async function rustIds(
  tokenizer: Tokenizer,
  text: string,
): Promise<number[]> {
  const encoding = await tokenizer.encode(text, null, {
    addSpecialTokens: false,
  });
  return encoding.getIds();
}
