/**
 * A program that tracks a simulated card and does what it is told, line by
 * line, until it is killed: "15" lets so many seconds pass, "sample" samples.
 * It answers each line with the seconds that it has counted.
 *
 * Arguments: the state file, and the time at which this life begins, by which
 * the card's counter, which outlives the program, stands where it stood.
 */
import { track } from "../../lib/emissions/mod.ts";
import { handClock, simulatedGpu, swing } from "./simulated_machine.ts";

const [stateFile, begins] = Deno.args;
const clock = handClock();
const tracker = await track({
  project: "killed run",
  intervalSeconds: 0,
  meters: [simulatedGpu((now) => swing(Number(begins) + now))],
  stateFile: stateFile!,
  clock,
});
console.log(tracker.reading().seconds);
const decoder = new TextDecoderStream();
for await (const text of Deno.stdin.readable.pipeThrough(decoder)) {
  for (const line of text.trim().split("\n")) {
    if (line === "sample") await tracker.sample();
    else clock.now += Number(line);
    console.log(tracker.reading().seconds);
  }
}
