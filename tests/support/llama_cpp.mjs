/**
 * Runs a GGUF file in llama.cpp and prints, as JSON, its tokens of some texts
 * and its probabilities of the next token after each token of a prompt.
 *
 *     node llama_cpp.mjs PACKAGE_FOLDER MODEL '{"texts": [...], "prompt": [...]}'
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, modelPath, question] = process.argv.slice(2);
const { texts, prompt } = JSON.parse(question);
const entry = createRequire(`${folder}/`).resolve("node-llama-cpp");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);
const llama = await getLlama({
  gpu: false,
  build: "never",
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 256, threads: 1 });
const all = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const generateNext = { probabilities: true, options: all };
const results = await context.getSequence().controlledEvaluate(
  prompt.map((token) => [token, { generateNext }]),
);
const answer = JSON.stringify({
  tokens: texts.map((text) => model.tokenize(text)),
  probabilities: results.map(({ next }) => [...next.probabilities]),
});
// Its threads would keep the process alive.
process.stdout.write(answer, () => process.exit(0));
