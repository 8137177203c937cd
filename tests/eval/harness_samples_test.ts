/**
 * Lines of samples against one that lm-evaluation-harness 0.4.13 wrote itself
 * for ARC-Easy (Clark et al., 2018, CC BY-SA 4.0) with a model that guesses, and
 * hashes against Python's json and hashlib.
 */
import assert from "node:assert/strict";
import {
  type AnswerRecord,
  choiceMetrics,
  type ChoiceRecord,
  findAnswerTask,
  findChoiceTask,
  harnessAnswer,
  harnessLikelihood,
  harnessSample,
  LIKELIHOOD_TASKS,
  type LikelihoodRecord,
  UNREADABLE,
} from "../../lib/eval/mod.ts";

const QUESTION =
  "Which characteristic describes the texture of a kitten's fur?";
const CHOICES = ["gray", "warm", "long", "soft"];
const DOC = {
  id: "NYSEDREGENTS_2015_4_8",
  question: QUESTION,
  choices: { text: CHOICES, label: ["A", "B", "C", "D"] },
  answerKey: "D",
};
const PROMPT = `Question: ${QUESTION}\nAnswer:`;
const LIKELIHOODS = [
  -0.32520436274739006,
  -0.8704712321086546,
  -0.19106709150239054,
  -0.5675107406206719,
];

Deno.test("harnessSample() writes what the harness wrote", () => {
  const { acc, acc_norm } = choiceMetrics(LIKELIHOODS, CHOICES, 3);
  const record: ChoiceRecord = {
    id: DOC.id,
    doc: DOC,
    context: PROMPT,
    choices: CHOICES,
    gold: 3,
    logLikelihoods: LIKELIHOODS,
    isGreedy: [false, false, false, false],
    isTruncated: false,
    metrics: { acc, acc_norm },
    computedTokens: 0,
    separateTokens: 0,
  };
  const task = findChoiceTask("arc_pt");
  const { doc_id, is_truncated, ...line } = harnessSample(record, task);
  assert.deepEqual([doc_id, is_truncated], [DOC.id, false]);
  assert.deepEqual(line, {
    doc: DOC,
    target: "3",
    arguments: {
      gen_args_0: { arg_0: PROMPT, arg_1: " gray" },
      gen_args_1: { arg_0: PROMPT, arg_1: " warm" },
      gen_args_2: { arg_0: PROMPT, arg_1: " long" },
      gen_args_3: { arg_0: PROMPT, arg_1: " soft" },
    },
    resps: [
      [["-0.32520436274739006", "False"]],
      [["-0.8704712321086546", "False"]],
      [["-0.19106709150239054", "False"]],
      [["-0.5675107406206719", "False"]],
    ],
    filtered_resps: [
      ["-0.32520436274739006", "False"],
      ["-0.8704712321086546", "False"],
      ["-0.19106709150239054", "False"],
      ["-0.5675107406206719", "False"],
    ],
    filter: "none",
    metrics: ["acc", "acc_norm"],
    doc_hash:
      "0b1d32d8fff63c6f801aa24ea0d27d565a4433b59fa7720e7d2682c8b772594f",
    prompt_hash:
      "6e97b5b88ed30269249a32f617efecbdde79e2d13d39061ce3fce23c0f152888",
    target_hash:
      "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    acc: 0,
    acc_norm: 0,
  });
});

Deno.test("harnessAnswer() writes an answer, and hashes as Python does", () => {
  const record: AnswerRecord = {
    id: "1",
    // Hashed by json.dumps(…, indent=2, ensure_ascii=False) of Python 3.11.
    doc: {
      texto: 'São\t"João"\u2028\x7f\x01 \u{1F600} \\ /',
      vazio: [],
      nada: {},
      nulo: null,
      sim: true,
      n: [1, 2.5, -3],
      o: { p: [{ q: 1 }] },
    },
    context: "Texto: a",
    text: " Talvez",
    gold: "Sim",
    answer: UNREADABLE,
    isTruncated: false,
  };
  const line = harnessAnswer(record, findAnswerTask("hatebr_offensive"));
  assert.equal(
    line.doc_hash,
    "f89d39e17fbdf0c9e1eaa6964f69f13ef54c78fd321a499b920cdc8cd7bbe86b",
  );
  assert.deepEqual(line.resps, [[" Talvez"]]);
  assert.deepEqual(line.filtered_resps, [UNREADABLE]);
  assert.deepEqual([line.metrics, line.acc], [["acc"], 0]);
  assert.equal(line.is_unreadable, true);
  const number = { ...record, gold: 3.5, answer: 3 };
  const scored = harnessAnswer(number, findAnswerTask("assin2_sts"));
  assert.deepEqual([scored.target, scored.filtered_resps], ["3,5", ["3"]]);
  assert.deepEqual([scored.metrics, scored.mse], [["mse"], 0.25]);
});

Deno.test("harnessLikelihood() writes both kinds of tasks", () => {
  const record: LikelihoodRecord = {
    id: "1",
    doc: {},
    context: "O gato",
    target: "mia",
    logLikelihood: -2.5,
    isGreedy: true,
    words: 1,
    bytes: 3,
    isTruncated: false,
  };
  const [cloze, texts] = LIKELIHOOD_TASKS;
  const asked = harnessLikelihood(record, cloze!);
  assert.deepEqual(asked.arguments, {
    gen_args_0: { arg_0: "O gato", arg_1: " mia" },
  });
  assert.deepEqual(asked.resps, [[["-2.5", "True"]]]);
  assert.deepEqual([asked.perplexity, asked.acc], [-2.5, 1]);
  // A rolling request is the text alone: its hash is that of the prompt.
  const whole = harnessLikelihood({ ...record, context: "" }, texts!);
  assert.deepEqual(whole.arguments, { gen_args_0: { arg_0: "mia" } });
  assert.deepEqual(whole.resps, [["-2.5"]]);
  assert.equal(whole.prompt_hash, whole.target_hash);
  assert.deepEqual(whole.bits_per_byte, [-2.5, 3]);
});
