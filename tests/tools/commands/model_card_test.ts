/** Cards that go along with a model, and scores that come into their head. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { exists, FormatError } from "../../../lib/util/mod.ts";
import { carryCard, readScores } from "../../../tools/commands/model_card.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";

const CARD = `---
license: "mit"
pipeline_tag: text-generation
---

# A model

A line

---

and another.
`;

const change = { title: "Fine-tuning", text: "It was made a classifier." };

async function carried(
  folder: string,
  card: string,
  more: Partial<Parameters<typeof carryCard>[2]> = {},
): Promise<string> {
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  await Deno.mkdir(from, { recursive: true });
  await Deno.writeTextFile(join(from, "README.md"), card);
  await carryCard(from, to, { ...change, ...more });
  return await Deno.readTextFile(join(to, "README.md"));
}

Deno.test("carryCard() changes the head and adds what became of the model", () =>
  inFolder(async (folder) => {
    const pipelineTag = "text-classification";
    const card = await carried(folder, CARD, { pipelineTag });
    const [, head, ...body] = card.split("---\n");
    assert.deepEqual(parse(head!), {
      license: "mit",
      pipeline_tag: pipelineTag,
    });
    assert.ok(body.join("---\n").startsWith("\n# A model\n\nA line\n\n---\n"));
    assert.match(
      card,
      /and another\.\n\n## Fine-tuning\n\nIt was made a classifier\.\n\n```sh\n/,
    );
    const plain = await carried(folder, "# No head\n");
    assert.ok(plain.startsWith("# No head\n\n## Fine-tuning\n"), plain);
    const headed = await carried(folder, "# No head\n", { pipelineTag });
    const begin = `---\npipeline_tag: ${pipelineTag}\n---\n\n# No head\n`;
    assert.ok(headed.startsWith(begin), headed);
  }));

Deno.test("carryCard() writes nothing for a model without a card", () =>
  inFolder(async (folder) => {
    await carryCard(folder, join(folder, "to"), change);
    assert.equal(await exists(join(folder, "to")), false);
  }));

Deno.test("carryCard() puts scores of tasks into head and text", () =>
  inFolder(async (folder) => {
    const results = {
      arc_pt: {
        alias: "arc_pt",
        "acc_norm,none": 0.25,
        "acc_norm_stderr,none": 0.01,
        sample_len: 4,
      },
    };
    const path = join(folder, "results.json");
    await Deno.writeTextFile(path, JSON.stringify({ results }));
    const scores = await readScores(folder);
    assert.deepEqual(scores, [{
      task: "arc_pt",
      metrics: [["acc_norm", 0.25]],
    }]);
    const card = await carried(folder, CARD, { scores });
    const head = parse(card.split("---\n")[1]!);
    assert.deepEqual(head["model-index"], [{
      name: "to",
      results: [{
        task: { type: "text-generation" },
        dataset: { name: "arc_pt", type: "arc_pt" },
        metrics: [{ type: "acc_norm", value: 0.25 }],
      }],
    }]);
    assert.match(card, /^\| arc_pt \| acc_norm \| 0\.2500 \|$/m);
    await Deno.writeTextFile(path, "{");
    await assertFails(() => readScores(folder), FormatError, /results\.json/);
    await Deno.writeTextFile(path, "{}");
    await assertFails(() => readScores(folder), FormatError, /no results/);
  }));
