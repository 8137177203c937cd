/**
 * Answers are read as the leaderboard's filters read them; each case was worked
 * out by hand from their rules.
 */
import assert from "node:assert/strict";
import { type AnswerForm, readAnswer, UNREADABLE } from "../../lib/eval/mod.ts";

const EXAM: AnswerForm = { kind: "letter", letters: "ABCDE" };
const YES_NO: AnswerForm = { kind: "label", labels: ["Sim", "Não"] };
const THREE: AnswerForm = {
  kind: "label",
  labels: ["Positivo", "Neutro", "Negativo"],
};
const SCORE: AnswerForm = { kind: "number", min: 1, max: 5, fallback: 5 };

const CASES: [AnswerForm, string, string | number][] = [
  [EXAM, " B", "B"],
  [EXAM, "B. porque a água ferve", "B"],
  [EXAM, "A resposta correta é: C", "C"], // "é" loses its accent
  [EXAM, "Letra D", "D"],
  [EXAM, "Alternativa: E", "E"],
  [EXAM, "Opção A", "A"],
  [EXAM, "É a A, não a letra C", "C"], // "letra" is surer than a bare letter
  [EXAM, "Talvez D) ou B.", "B"], // a letter with a full stop comes first
  [EXAM, "a resposta", UNREADABLE],
  [EXAM, "F", UNREADABLE],
  [EXAM, "BOLA", UNREADABLE],
  [{ kind: "letter", letters: "ABCD" }, "E", UNREADABLE],
  [YES_NO, " Sim", "Sim"],
  [YES_NO, "nao.", "Não"],
  [YES_NO, "NÃO, a hipótese não segue", "Não"],
  [YES_NO, "Sin", "Sim"], // two of three letters
  [YES_NO, "Nada", "Não"], // "nad" and "nao"
  [YES_NO, "Sim ou Não", "Sim"], // both: the beginning decides
  [YES_NO, "xyz", UNREADABLE],
  [YES_NO, "  \n", UNREADABLE],
  [THREE, "O sentimento é neutro", "Neutro"],
  [THREE, "Positiva", "Positivo"],
  [THREE, "negat.", "Negativo"],
  [SCORE, " 3,7", 3.7],
  [SCORE, "4.2 pontos", 4.2],
  [SCORE, "nota: 3", 3],
  [SCORE, "0,4", 1],
  [SCORE, "37", 5],
  [SCORE, "muito", 5],
  [SCORE, "1,5 e 2,5", 1.525], // all digits are one number, as there
  [SCORE, ".", 5],
];

Deno.test("readAnswer() reads letters, labels and numbers", () => {
  for (const [form, text, wanted] of CASES) {
    assert.equal(readAnswer(form, text), wanted, JSON.stringify(text));
  }
});
