/**
 * The one text of all attention kernels on matrix units (attention_matrix.ts):
 * a workgroup holds a block of rows and walks over tiles of the other side.
 *
 *     scores s = block₀ tile₀ᵀ, and for gradients dP = block₁ tile₁ᵀ
 *     weights p = exp(s - lse) and dS = p (dP - delta), each lane for its row
 *     sums += weights · tile
 *
 * Without sums a lane keeps maximum and sum of its row instead, for lse.
 *
 * @module
 */
import {
  ATTENTION_SIDES,
  blockPlace,
  knownOf,
  overTiles,
  seenBy,
  tilePlace,
} from "./attention_block.ts";
import {
  type MatrixAttention,
  type MatrixPlan,
  matrixPlan,
  type MatrixStage,
  SUBGROUP_ROWS,
} from "./attention_matrix_tile.ts";
import { attentionWgsl } from "./attention_sizes.ts";
import {
  emulatedMatrixWords,
  type MatrixWords,
  nativeMatrixWords,
  type ProductWords,
} from "./matrix_words.ts";
import { LOWEST } from "./wgsl.ts";

/** All that the text depends on. */
interface Setting {
  readonly choice: MatrixAttention;
  readonly headSize: number;
  readonly stage: MatrixStage;
  readonly plan: MatrixPlan;
  readonly words: MatrixWords;
  /** Block times turned tile. */
  readonly score: ProductWords;
  /** Weights times tile. */
  readonly sum: ProductWords;
}

/** Text for each of 0 … n-1, a line each. */
function lines(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join("\n      ");
}

/** Text for each part of 16 rows by some columns that a unit makes at once. */
function eachPart(
  { choice: { unit: { m, n } } }: Setting,
  columns: number,
  text: (strip: number, column: number) => string,
): string {
  return lines(
    SUBGROUP_ROWS / m,
    (strip) => lines(columns / n, (column) => text(strip, column)),
  );
}

/** WGSL that brings operands of some rows into a workgroup array, as f16. */
function stageText(
  array: "block" | "tile",
  place: string,
  { stage, plan }: Setting,
): string {
  const rows = array === "block" ? plan.rows : plan.tile;
  return stage[array].map((buffer, o) =>
    `for (var e = lane; e < ${rows}u * PARTS; e += WORKGROUP) {
        let value = ${buffer}[${place}];
        let to = (${o * rows}u + e / PARTS) * ${plan.pitch}u + e % PARTS * 4u;
        ${lines(4, (i) => `${array}[to + ${i}u] = f16(value[${i}]);`)}
      }`
  ).join("\n      ");
}

/** WGSL: the products of operand `o`, stored for the lanes. */
function scoreText(t: Setting, o: number): string {
  const { choice: { unit: { m, n, k } }, headSize, plan, words } = t;
  const { rows, tile, pitch, scorePitch } = plan;
  const { left, right, multiplyAdd } = t.score;
  const leftAt = (i: number) => `(${o * rows + i * m}u + top) * ${pitch}u + d`;
  const rightAt = (j: number) => `${(o * tile + j * n) * pitch}u + d`;
  const storeAt = (i: number, j: number) =>
    `(${o * rows + i * m}u + top) * ${scorePitch}u + ${j * n}u`;
  return `{
      ${eachPart(t, tile, (i, j) => `var s${i}_${j} = Sum();`)}
      for (var d = 0u; d < ${words.end(headSize)}; d += ${k}u) {
      ${lines(SUBGROUP_ROWS / m, (i) => `let a${i} = ${left(leftAt(i))};`)}
      ${lines(tile / n, (j) => `let b${j} = ${right(rightAt(j))};`)}
      ${
    eachPart(t, tile, (i, j) => multiplyAdd(`a${i}`, `b${j}`, `s${i}_${j}`))
  }
      }
      ${eachPart(t, tile, (i, j) => words.store(`s${i}_${j}`, storeAt(i, j)))}
      }`;
}

/** WGSL: each lane turns scores of its row into weights. */
function weightText({ stage, plan, words }: Setting): string {
  const { rows, tile, scorePitch, weightPitch, shares } = plan;
  const { block, sums, side } = stage;
  const hasGradient = block.length > 1;
  const dP = `scores[at + ${rows * scorePitch}u]`;
  return `for (var c = share; c < ${words.end(tile)}; c += ${shares}u) {
        let other = base + c;
        var weight = 0.0;
        var dS = 0.0;
        if (${seenBy(side)}) {
          let at = row * ${scorePitch}u + c;
          ${side === "key" ? "let known = tileKnown[c];" : ""}
          weight = exp(scores[at] * p.scale - known.x);
          ${hasGradient ? `dS = weight * (${dP} - known.y);` : ""}
        }
        ${
    lines(sums.length, (w) =>
      `weights[(${w * rows}u + row) * ${weightPitch}u + c] =
          f16(${sums[w]!.weight === "p" ? "weight" : "dS"});`)
  }
      }`;
}

/** WGSL: each lane's maximum and sum of what it saw of its row so far. */
function statisticsText({ stage, plan, words }: Setting): string {
  const { tile, scorePitch, shares } = plan;
  return `for (var c = share; c < ${words.end(tile)}; c += ${shares}u) {
        let other = base + c;
        if (!(${seenBy(stage.side)})) { continue; }
        let value = scores[row * ${scorePitch}u + c] * p.scale;
        if (value > most) {
          total *= exp(most - value);
          most = value;
        }
        total += exp(value - most);
      }`;
}

/** WGSL: lanes that share a row join theirs, and lse is written. */
function lseText({ plan: { scorePitch, shares } }: Setting): string {
  return `workgroupBarrier();
  let at = row * ${scorePitch}u;
  scores[at + 2u * share] = most;
  scores[at + 2u * share + 1u] = total;
  workgroupBarrier();
  if (share > 0u || first + row > last) { return; }
  for (var s = 1u; s < ${shares}u; s++) {
    let old = most;
    most = max(old, scores[at + 2u * s]);
    total = total * exp(old - most) +
      scores[at + 2u * s + 1u] * exp(scores[at + 2u * s] - most);
  }
  lse[(b * p.heads + head) * p.queries + mine] = most + log(total);`;
}

/** Name of the variable that holds a part of the sum `w`. */
const sumName = (w: number, strip: number, column: number) =>
  `sum${w}_${strip}_${column}`;

/** WGSL: weights times an operand of the tile, for the sum `w`. */
function sumText(t: Setting, w: number): string {
  const { choice: { unit: { m, n, k } }, headSize, stage, plan, words } = t;
  const { rows, tile, pitch, weightPitch } = plan;
  const { left, right, multiplyAdd } = t.sum;
  const from = stage.sums[w]!.operand * tile;
  const leftAt = (i: number) =>
    `(${w * rows + i * m}u + top) * ${weightPitch}u + j`;
  const rightAt = (c: number) => `(${from}u + j) * ${pitch}u + ${c * n}u`;
  const strips = SUBGROUP_ROWS / m;
  return `for (var j = 0u; j < ${words.end(tile)}; j += ${k}u) {
      ${lines(strips, (i) => `let a${i} = ${left(leftAt(i))};`)}
      ${
    lines(headSize / n, (c) =>
      `let b${c} = ${right(rightAt(c))};
      ${lines(strips, (i) => multiplyAdd(`a${i}`, `b${c}`, sumName(w, i, c)))}`)
  }
      }`;
}

/** WGSL: a function that copies stored columns of the sum `w` to its rows. */
function copyFunction(
  { choice: { unit: { n }, subgroupSize }, stage, plan, words }: Setting,
  w: number,
): string {
  const { weight, out } = stage.sums[w]!;
  const side = ATTENTION_SIDES[stage.side];
  return `
fn copySum${w}(b: u32, head: u32, first: u32, top: u32, column: u32, lane: u32) {
  for (var e = lane % ${subgroupSize}u; e < ${words.end(SUBGROUP_ROWS * n)};
    e += ${subgroupSize}u) {
    let row = top + e / ${n}u;
    if (first + row >= ${side.count}) { return; }
    ${out}[${side.at}(b, first + row, head) * 4u + column + e % ${n}u] =
      ${
    weight === "dS" ? "p.scale * " : ""
  }scores[row * ${plan.scorePitch}u + e % ${n}u];
  }
}`;
}

/** WGSL: a sum goes through workgroup memory to its buffer. */
function outText(t: Setting, w: number): string {
  const { choice: { unit: { m, n } }, headSize, plan, words } = t;
  const store = (strip: number, column: number) =>
    words.store(
      sumName(w, strip, column),
      `(top + ${strip * m}u) * ${plan.scorePitch}u`,
    );
  return lines(
    headSize / n,
    (column) =>
      `${lines(SUBGROUP_ROWS / m, (strip) => store(strip, column))}
  workgroupBarrier();
  copySum${w}(b, head, first, top, ${column * n}u, lane);
  workgroupBarrier();`,
  );
}

/** WGSL: what is known of the queries, of its own by a lane, or of the tile. */
function knownText({ stage: { known, side } }: Setting): string {
  if (!known) return "";
  if (side === "key") {
    const query = "min(base + lane, p.queries - 1u)";
    return `if (lane < TILE) { tileKnown[lane] = ${knownOf(query, "h")}; }`;
  }
  return known === "rows"
    ? `let known = ${knownOf("mine", "head")};`
    : "let known = vec2f(lse[(b * p.heads + head) * p.queries + mine], 0.0);";
}

/** Workgroup arrays; those that nothing uses take no room. */
function arraysText({ stage, plan }: Setting): string {
  const { block, tile, sums } = stage;
  const { rows, pitch, scorePitch, weightPitch } = plan;
  const lengths = {
    block: ["f16", block.length * rows * pitch],
    tile: ["f16", tile.length * plan.tile * pitch],
    scores: ["f32", block.length * rows * scorePitch],
    weights: ["f16", Math.max(1, sums.length) * rows * weightPitch],
    tileKnown: ["vec2f", plan.tile],
  };
  return Object.entries(lengths).map(([name, [type, length]]) =>
    `var<workgroup> ${name}: array<${type}, ${length}>;`
  ).join("\n");
}

/** All that follows from a choice for a kernel. */
function settingOf(
  choice: MatrixAttention,
  headSize: number,
  stage: MatrixStage,
): Setting {
  const plan = matrixPlan(choice, headSize);
  const words = (choice.isEmulated ? emulatedMatrixWords : nativeMatrixWords)({
    unit: choice.unit,
    subgroupSize: choice.subgroupSize,
    patch: { tile: "scores", pitch: plan.scorePitch },
  });
  const rows = (tile: string, pitch: number) => ({
    ...{ tile, pitch, isRowMajor: true },
  });
  const tile = rows("tile", plan.pitch);
  const turned = { ...tile, isRowMajor: false };
  return {
    ...{ choice, headSize, stage, plan, words },
    score: words.product("score", rows("block", plan.pitch), turned),
    sum: words.product("sum", rows("weights", plan.weightPitch), tile),
  };
}

/** Text, directives and workgroup of a kernel. */
export function attentionMatrixText(
  choice: MatrixAttention,
  headSize: number,
  stage: MatrixStage,
): { wgsl: string; directives: string; workgroupSize: number } {
  const t = settingOf(choice, headSize, stage);
  const { plan, words, score, sum } = t;
  const { side, sums } = stage;
  const { at } = ATTENTION_SIDES[side];
  const { subgroupSize } = choice;
  const isOfRows = side === "query";
  const each = (text: (t: Setting, w: number) => string) =>
    lines(sums.length, (w) => text(t, w));
  const [variables, use, end] = sums.length === 0
    ? [
      `var most = ${LOWEST};
  var total = 0.0;`,
      statisticsText(t),
      lseText(t),
    ]
    : [
      each((t, w) =>
        eachPart(t, headSize, (i, c) => `var ${sumName(w, i, c)} = Sum();`)
      ),
      `${weightText(t)}
      workgroupBarrier();
      ${each(sumText)}
      workgroupBarrier();`,
      each(outText),
    ];
  const wgsl = /* wgsl */ `${attentionWgsl(headSize)}
const ROWS = ${plan.rows}u;
const TILE = ${plan.tile}u;
${arraysText(t)}
${words.declarations}${score.declarations}${sum.declarations}
${each(copyFunction)}
fn kernel(group: u32, lane: u32) {
  ${words.begin}
  let top = lane / ${subgroupSize}u * ${SUBGROUP_ROWS}u; // of the subgroup
  let share = lane % ${subgroupSize}u / ${SUBGROUP_ROWS}u;
  ${blockPlace(side, `top + lane % ${SUBGROUP_ROWS}u`)}
  ${isOfRows ? knownText(t) : ""}
  ${
    stageText(
      "block",
      `${at}(b, min(first + e / PARTS, last), head) + e % PARTS`,
      t,
    )
  }
  ${variables}
  ${
    overTiles(
      side,
      `${stageText("tile", tilePlace(side), t)}
      ${isOfRows ? "" : knownText(t)}
      workgroupBarrier();
      ${lines(stage.block.length, (o) => scoreText(t, o))}
      workgroupBarrier();
      ${use}`,
    )
  }
  ${end}
}`;
  return { wgsl, directives: words.directives, workgroupSize: plan.lanes };
}
