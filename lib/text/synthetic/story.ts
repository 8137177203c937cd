/**
 * One synthetic story with everything that is known about it. A story depends
 * on the seed, the split and its index alone: it is made from a stretch of the
 * seed's random stream that belongs to that index, so any of them can be made
 * at any time, in any order.
 *
 * @module
 */
import { ConfigError, invariant, Random } from "../../util/mod.ts";
import type { TextDocument } from "../text_folder.ts";
import {
  agreementItem,
  conjugationItem,
  pluralItems,
  storyItem,
  type SyntheticChoice,
} from "./items.ts";
import { drawScene, type Shape } from "./shape.ts";
import { brokenThing } from "./shapes/broken_thing.ts";
import { greatFear } from "./shapes/great_fear.ts";
import { homeMadeGift } from "./shapes/home_made_gift.ts";
import { hurtAnimal } from "./shapes/hurt_animal.ts";
import { kitchenGarden } from "./shapes/kitchen_garden.ts";
import { lostThing } from "./shapes/lost_thing.ts";
import { newSkill } from "./shapes/new_skill.ts";
import { sharedThing } from "./shapes/shared_thing.ts";
import { wager } from "./shapes/wager.ts";
import { wayHome } from "./shapes/way_home.ts";
import { fill } from "./template.ts";
import { capitalize } from "./terms.ts";

/** Training text and held-out text come from streams that never meet. */
export type SyntheticSplit = "train" | "heldOut";

/** A question and its answer. */
export interface SyntheticQuestion {
  readonly question: string;
  readonly answer: string;
}

/** A request and what should be said to it. */
export interface SyntheticInstruction {
  readonly instruction: string;
  readonly response: string;
}

/** A story; `text` is its title, an empty line and its paragraphs. */
export interface SyntheticStory extends TextDocument {
  /** Number of the story in its split. */
  readonly index: number;
  /** Kind of story: "lost thing", "new skill", ... */
  readonly shape: string;
  readonly title: string;
  /** What plays which part: `heroi` → "Ana", `cor` → "vermelho". */
  readonly facts: Readonly<Record<string, string>>;
  /** Questions about the story, answered in a few words of it. */
  readonly questions: readonly SyntheticQuestion[];
  /** Requests to write, sum up and answer. */
  readonly instructions: readonly SyntheticInstruction[];
  /** Items about the story and the grammar of its words. */
  readonly multipleChoice: readonly SyntheticChoice[];
}

const SHAPES: readonly Shape[] = [
  lostThing,
  newSkill,
  hurtAnimal,
  homeMadeGift,
  sharedThing,
  brokenThing,
  greatFear,
  wayHome,
  kitchenGarden,
  wager,
];

/** Random words set aside for a story; the most seen in 100,000 was 157. */
const WORDS_PER_STORY = 1024;
/** The last index whose stretch of the stream is counted exactly. */
const MAX_INDEX = Math.floor(Number.MAX_SAFE_INTEGER / WORDS_PER_STORY) - 1;

/**
 * Story number `index` of a seed.
 *
 * @param seed whole number, 0 to 2^32 - 1
 * @param index whole number, 0 to 2^43 - 2
 * @throws {ConfigError} when seed or index is not such a number
 */
export function syntheticStory(
  seed: number,
  index: number,
  { split = "train" }: { split?: SyntheticSplit } = {},
): SyntheticStory {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) {
    throw new ConfigError(
      `Cannot make story ${index}: wanted a whole number in 0..${MAX_INDEX}`,
    );
  }
  const random = new Random(seed, `synthetic/${split}`);
  random.position = index * WORDS_PER_STORY;
  const shape = random.pick(SHAPES);
  const scene = drawScene(shape, random);
  const say = (template: string) => fill(template, scene);
  const title = capitalize(say(shape.title));
  const text = `${title}\n\n${shape.plot.map(say).join("\n")}`;
  const storyItems = shape.questions.map((question) =>
    storyItem(question, scene)
  );
  const questions = storyItems.map(({ question, choices, gold }) => ({
    question,
    answer: `${capitalize(choices[gold]!)}.`,
  }));
  const asked = random.pick(questions);
  const story: SyntheticStory = {
    name: `${split} ${index}`,
    index,
    shape: shape.name,
    title,
    text,
    facts: Object.fromEntries(
      Object.entries(scene.cast).map(([part, term]) => [part, term.text]),
    ),
    questions,
    instructions: [
      { instruction: capitalize(say(shape.prompt)), response: text },
      {
        instruction: `Resuma a história em uma frase.\n\n${text}`,
        response: capitalize(say(shape.summary)),
      },
      {
        instruction: `Leia a história e responda: ${asked.question}\n\n${text}`,
        response: asked.answer,
      },
    ],
    multipleChoice: [
      ...storyItems,
      agreementItem(scene),
      ...pluralItems(scene),
      conjugationItem(scene),
    ],
  };
  invariant(
    random.position <= (index + 1) * WORDS_PER_STORY,
    `story ${index} drew more than ${WORDS_PER_STORY} words`,
  );
  return story;
}
