/**
 * Times llama.cpp on a GGUF file: greedy tokens after a prompt, on so many
 * threads. Prints tokens per second, the best of three, as JSON.
 *
 *     node llama_cpp_decode.mjs PACKAGE_FOLDER MODEL \
 *       '{"prompt": [...], "tokens": 32, "threads": 2}'
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, modelPath, question] = process.argv.slice(2);
const { prompt, tokens, threads } = JSON.parse(question);
const entry = createRequire(`${folder}/`).resolve("node-llama-cpp");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);
const llama = await getLlama({
  gpu: false,
  build: "never",
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: 256,
  threads: { ideal: threads, min: threads },
});
const sequence = context.getSequence();
let best = 0;
for (let round = 0; round < 3; round++) {
  await sequence.clearHistory();
  let count = 0, start = 0;
  const options = { temperature: 0, yieldEogToken: true };
  for await (const _ of sequence.evaluate(prompt, options)) {
    if (count++ === 0) start = performance.now();
    if (count > tokens) break;
  }
  const seconds = (performance.now() - start) / 1000;
  best = Math.max(best, tokens / seconds);
}
// Its threads would keep the process alive.
process.stdout.write(JSON.stringify({ rate: best }), () => process.exit(0));
