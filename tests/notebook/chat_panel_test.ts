/** The chat panel: what it shows, in HTML and as text. */
import assert from "node:assert/strict";
import { ChatExamples } from "../../lib/chat/mod.ts";
import { chatPanel } from "../../lib/notebook/mod.ts";
import { DISPLAY } from "../../lib/notebook/jupyter.ts";

const CHATS = [
  ["Conte uma história sobre um gato.", "O gato Mimi\n\nEra uma vez um gato."],
  ["Como se faz um bolo?", "Misture ovos e farinha."],
].map(([asked, answered]) => [
  { role: "user", content: asked! },
  { role: "assistant", content: answered! },
]);

Deno.test("chatPanel() shows the turns, the knobs and the nearest examples", () => {
  const said = [
    { role: "user", content: "Fale de um gato <b>&</b>." },
    { role: "assistant", content: "O gato mia." },
  ];
  const nearest = new ChatExamples(CHATS).nearest(said, 1);
  assert.deepEqual(nearest.map(({ index }) => index), [0]);
  const settings = { temperature: 0.3, topK: 30 };
  const panel = chatPanel(said, { settings, nearest });
  const html = panel[DISPLAY]()["text/html"] as string;
  assert.match(
    html,
    /<b>You<\/b><br>Fale de um gato &lt;b&gt;&amp;&lt;\/b&gt;\./,
  );
  assert.match(html, /<b>Model<\/b><br>O gato mia\.</);
  assert.match(html, />temperature 0\.3<\/span> · <span[^>]*>top-k 30</);
  assert.match(html, /similarity 0\.\d\d/);
  assert.match(html, /O gato Mimi Era uma vez um gato\./);
  assert.doesNotMatch(html, /▍/);
  assert.equal(html.split("<div").length, html.split("</div>").length);
  assert.match(
    panel.toString(),
    /^You: Fale .*\nModel: O gato mia\.\ntemperature .*\n0\.\d\d Conte uma .* \/ O gato Mimi/,
  );
});

Deno.test("chatPanel() shows an answer on its way, and that nothing is near", () => {
  const said = [
    { role: "user", content: "xyz" },
    { role: "assistant", content: "" },
  ];
  const writing = chatPanel(said, { isWriting: true }).toHTML();
  assert.match(writing, /<b>Model<\/b><br>▍</);
  assert.doesNotMatch(writing, /Nearest/);
  const nearest = new ChatExamples(CHATS).nearest(said, 3);
  assert.match(chatPanel(said, { nearest }).toHTML(), /no training example/);
});
