import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { all, only } from "../_support.ts";
import { perform, type Performance, repliesFor } from "./perform.ts";
import { serveReplies } from "./provider_server.ts";
import { answersTools, isWhole, madeUp, playsOf, testPlays, wires } from "./recordings.ts";

const answers = wires.map(madeUp).flatMap(playsOf);

testPlays(
  "a recorded failure ends in one terminate, and is thrown",
  ({ answer }) => answer.failed,
  async (play) => assertFailed(await perform(play)),
);

testPlays("a failure in place of any line is thrown with its message", isWhole, async (play) => {
  const { wire, lines } = play;
  const every = Math.ceil(lines.length / 20);
  for (const n of [...lines.keys()].filter((n) => n % every === 0)) {
    const before = lines.slice(0, n);
    if (wire.read(before).complete) continue;
    const pieces = wire.frames([...before, wire.fail("Out of luck")]);
    assertFailed(await perform(play, { replies: [{ pieces }] }), "Out of luck");
  }
});

testPlays("a line that is not JSON is an error", isWhole, async (play) => {
  const { wire, lines } = play;
  const index = Math.floor(lines.length / 2);
  const pieces = wire.frames(lines.with(index, lines[index]!.slice(0, -1)));
  assertFailed(await perform(play, { replies: [{ pieces }] }));
});

testPlays("a refused request is thrown with its message", () => true, async (play) => {
  for (const status of [400, 401, 429, 500, 529]) {
    const reply = { status, type: "application/json", pieces: [play.wire.fail("Out of luck")] };
    assertFailed(await perform(play, { replies: [reply] }), "Out of luck");
  }
}, answers);

testPlays("an answer that is no event stream is an error", () => true, async (play) => {
  const reply = { type: "text/html", pieces: ["<h1>Welcome to the hotel's network</h1>"] };
  assertFailed(await perform(play, { replies: [reply] }));
}, answers);

testPlays("a provider that cannot be reached is an error", () => true, async (play) => {
  const server = await serveReplies([]);
  await server.close();
  const unreachable = () => fetch(`${server.baseURL}${play.wire.path}`, { method: "POST" });
  assertFailed(await perform(play, { fetch: unreachable }));
}, answers);

testPlays("a failure of the second turn comes after the tools", answersTools, async (play) => {
  const [first] = repliesFor(play);
  const second = { pieces: play.wire.frames([play.wire.fail("Out of luck")]) };
  const { events, error, executed } = await perform(play, { replies: [first!, second] });
  assertEquals(executed, play.answer.toolCalls);
  const { reason, total_tool_calls, iterations_used } = only(events, "terminate");
  assertEquals([reason, total_tool_calls, iterations_used], ["error", executed.length, 2]);
  assert(error instanceof Error);
});

/** It ended in one terminate, was thrown, and did nothing else that the model had said. */
function assertFailed({ events, error, executed }: Performance, message = ""): void {
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["error", null]);
  assertEquals(events.at(-1)!.event_type, "terminate");
  assert(error instanceof Error);
  assertStringIncludes(error.message, message);
  assertEquals([all(events, "model_complete"), executed], [[], []]);
}
