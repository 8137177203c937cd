/**
 * The genres and the shapes of each.
 *
 * @module
 */
import type { SyntheticGenre } from "./document.ts";
import type { Shape } from "./shape.ts";
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
import { atTheMarket } from "./dialogues/at_the_market.ts";
import { askingTheWay } from "./dialogues/asking_the_way.ts";
import { weekendPlans } from "./dialogues/weekend_plans.ts";
import { formalRequest } from "./letters/formal_request.ts";
import { holidayLetter } from "./letters/holiday_letter.ts";
import { thankYou } from "./letters/thank_you.ts";
import { championship } from "./news/championship.ts";
import { inauguration } from "./news/inauguration.ts";
import { rescue } from "./news/rescue.ts";
import { cake } from "./recipes/cake.ts";
import { smoothie } from "./recipes/smoothie.ts";
import { soup } from "./recipes/soup.ts";

/** Shapes of each genre; the order decides what a seed gives. */
export const SHAPES: Readonly<Record<SyntheticGenre, readonly Shape[]>> = {
  story: [
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
  ],
  dialogue: [atTheMarket, weekendPlans, askingTheWay],
  recipe: [cake, soup, smoothie],
  news: [inauguration, championship, rescue],
  letter: [holidayLetter, thankYou, formalRequest],
};

/** All genres. */
export const SYNTHETIC_GENRES = Object.keys(SHAPES) as SyntheticGenre[];
