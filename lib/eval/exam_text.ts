/**
 * The bar exams of OAB as legal-nlp/oab-exams keeps them (official/raw, MIT): a
 * text file for each exam.
 *
 *     ENUM Questão 1        (without ENUM in newer copies)
 *     AREA ETHICS
 *     …question…
 *     OPTIONS
 *     A) …
 *     B:CORRECT) …
 *
 * @module
 */

/** How a question begins. */
const HEAD = /^(?:ENUM[ \t]+)?Questão[ \t]+(\d+)[ \t]*$/m;

/** One line of words; the files break lines as the printed exams do. */
const joined = (text: string) => text.replace(/\s+/g, " ").trim();

/** Whether a text is such an exam. */
export function isExamText(text: string): boolean {
  return HEAD.test(text) && /^OPTIONS\s*$/m.test(text);
}

/**
 * Questions of an exam as rows; one that was annulled has no right choice.
 *
 * @param name the exam, "2012-08": with the number it makes the id
 */
export function parseExamText(text: string, name: string): object[] {
  const [, ...parts] = text.split(HEAD);
  const questions = parts.filter((_, i) => i % 2 === 1);
  return questions.map((block, i) => {
    const [head = "", options = ""] = block.split(/^OPTIONS\s*$/m);
    const area = /^AREA[ \t]*(.*)$/m.exec(head)?.[1]?.trim();
    const question = head.replace(/^AREA.*$/m, "");
    const choices = options.split(/^---/m, 1)[0]!
      .split(/^([A-E](?::CORRECT)?)\)/m).slice(1);
    const labels = choices.filter((_, k) => k % 2 === 0);
    return {
      id: `${name}_${parts[2 * i]}`,
      exam: name,
      area,
      question: joined(question),
      choices: choices.filter((_, k) => k % 2 === 1).map(joined),
      gold: labels.findIndex((label) => label.endsWith("CORRECT")),
    };
  });
}
