/**
 * Widths of DejaVu Sans against those of Bitstream Vera Sans, its origin, as
 * its Adobe font metrics (Vera.afm, VeraBd.afm) print them in 1/1000 em; the
 * tolerance is half a unit of those tables.
 */
import assert from "node:assert/strict";
import {
  dejaVu,
  fontFiles,
  parseFont,
  textWidth,
} from "../../lib/notebook/font_metrics.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertFails } from "../support/assert_close.ts";

const VERA: Record<"normal" | "bold", Record<string, number>> = {
  normal: { " ": 318, "0": 636, A: 684, a: 613, i: 278, m: 974, W: 989 },
  bold: { " ": 348, "0": 696, A: 774, a: 675, i: 343, m: 1042, W: 1103 },
};

for (const weight of ["normal", "bold"] as const) {
  Deno.test(`dejaVu() has the widths of Vera Sans, ${weight}`, () => {
    for (const [letter, width] of Object.entries(VERA[weight])) {
      const advance = dejaVu(weight).advance(letter.codePointAt(0)!);
      assertClose(advance * 1000, width, { atol: 0.5, name: letter });
    }
  });
}

Deno.test("dejaVu() takes digits for what the font lacks", () => {
  const font = dejaVu("normal");
  assert.equal(font.advance(0x4e2d), font.advance(48)); // a Chinese character
  assert.equal(font.advance(0x1d49c), font.advance(48)); // beyond U+FFFF
});

Deno.test("textWidth() adds up letters with accents and minus signs", () => {
  const font = dejaVu("normal");
  assert.equal(textWidth("ção", font), textWidth("cao", font));
  assertClose(textWidth("−1", font), 0.838 + 0.636, { atol: 1e-3 });
});

Deno.test("parseFont() refuses a file without the tables it needs", async () => {
  const bytes = Deno.readFileSync(fontFiles()[0]).slice(0, 400);
  bytes.fill(0x20, 12);
  await assertFails(() => parseFont(bytes), FormatError, /no table "head"/);
});
