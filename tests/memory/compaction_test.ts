import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import {
  compaction,
  ConversationTooLongError,
  type Message,
  slidingWindow,
  summarizing,
} from "../../src/memory/mod.ts";
import { toPrompt } from "../../src/agent/model/request.ts";
import { problemOf } from "../harness/support/strict_model.ts";
import { conversations, listening, outlineOf, round, say } from "./_conversations.ts";

const words = (count: number) => "word ".repeat(count).trim();
const brief = (messages: readonly Message[]) => `summary of ${messages.length}`;

test("compaction() returns what is short enough as it is", async () => {
  const { context, events } = listening();
  const messages = [say("user", words(70))];
  assertStrictEquals(await compaction({ contextTokens: 100 }).apply(messages, context), messages);
  assertEquals(events, []);
});

test("compaction() cuts long results first, the oldest first, until the target is reached", async () => {
  const { context, events } = listening({
    spanId: "s",
    keep: (message) => `#${message.tool_call_id}`,
  });
  const messages = [
    ...[1, 2, 3].flatMap((i) => [say("user", `q${i}`), ...round(`r${i}`, [words(1000)])]),
    say("user", "q4"),
    ...round("r4", [words(1000)]),
  ];
  const kept = await compaction({ contextTokens: 5000 }).apply(messages, context);
  assertEquals(
    kept[2]!.content,
    `[4999 characters of search, left out to save room; to read it: #r1_0; it began with: ${
      words(30).slice(0, 120)
    }]`,
  );
  assertEquals(kept.map(({ metadata }) => metadata.evicted ?? null).filter((ref) => ref), [
    "#r1_0",
    "#r2_0",
  ]);
  const [[, before], [, after]] = events as [typeof events[0], typeof events[0]];
  const place = { strategy: "summarizing", span_id: before.span_id, parent_span_id: "s" };
  const counts = { threshold: 3750, tokens_before: before.tokens_before };
  assertEquals(before, {
    ...place,
    ...counts,
    messages_before: 12,
    unit: "tokens",
    because: "threshold",
  });
  assert(before.tokens_before as number > 3750 && after.tokens_after as number < 2500);
  assertEquals({ ...after, duration_ms: 0, tokens_after: 0 }, {
    ...place,
    messages_before: 12,
    messages_after: 12,
    summarized_count: 0,
    duration_ms: 0,
    tokens_after: 0,
    evicted: ["r1_0", "r2_0"].map((id) => (
      { tool_call_id: id, name: "search", bytes: 4999, ref: `#${id}` }
    )),
    from_index: null,
    to_index: null,
    fallback: null,
    over_budget: false,
  });
});

test("compaction() then summarises what the model said and did, outside of the last turns", async () => {
  const { context, events } = listening();
  const messages = [
    say("system", "Be brief."),
    ...[1, 2, 3].flatMap((i) => [say("user", `q${i}`), say("assistant", words(1000))]),
    say("user", "q4"),
  ];
  const manager = compaction({ contextTokens: 4000, summarize: brief });
  const kept = await manager.apply(messages, context);
  assertEquals(outlineOf(kept).map((line) => line.slice(0, 30)), [
    "s Be brief.",
    "s [Summary of previous convers",
    "u q1",
    "u q2",
    "u q3",
    "a word word word word word word".slice(0, 30),
    "u q4",
  ]);
  const { summarized_count, from_index, to_index } = events[1]![1];
  assertEquals([summarized_count, from_index, to_index], [2, 2, 5]);
});

test("compaction() of a single long turn leaves its last units", async () => {
  const rounds = Array.from({ length: 12 }, (_, i) => round(`r${i}`, [words(300)]));
  const messages = [say("user", "q"), ...rounds.flat()];
  const kept = await compaction({ contextTokens: 4000, summarize: brief }).apply(messages);
  assertEquals(kept[0]!.content!.split("\n")[1], "summary of 8");
  assertEquals(kept.slice(1), [messages[0]!, ...rounds.slice(-8).flat()]);
});

test("What the provider counted goes before what is estimated", async () => {
  const messages = [say("user", words(50)), say("assistant", words(500)), say("user", "q")];
  const manager = compaction({ contextTokens: 4000, summarize: brief });
  const counted = { messages: messages.slice(0, 1), tokens: 2600 };
  assertStrictEquals(await manager.apply(messages, { counted: null }), messages);
  assertEquals((await manager.apply(messages, { counted })).length, 3);
  // Of another conversation, only how far the estimate was off.
  const other = { messages: [say("user", words(50))], tokens: 90 };
  assertStrictEquals(await manager.apply(messages, { counted: other }), messages);
});

test("compaction() throws rather than cut what the user said", async () => {
  const { context, events } = listening();
  const messages = [say("user", words(5000))];
  const error = await assertRejects(
    async () => await compaction({ contextTokens: 4000 }).apply(messages, context),
    ConversationTooLongError,
    "of which nothing may go",
  );
  assertEquals([error.contextTokens, error.tokens > 5000], [4000, true]);
  assertEquals(events.map(([, data]) => data.over_budget), [undefined, true]);
});

test("compaction() of what a model refused goes by what it was, not by what the model should take", async () => {
  const { context, events } = listening({ because: "overflow" });
  const messages = [say("user", "q"), say("assistant", words(2000)), say("user", "r")];
  const kept = await compaction({ summarize: brief }).apply(messages, context);
  assertEquals(outlineOf(kept).slice(1), ["u q", "u r"]);
  assertEquals(events[0]![1].because, "overflow");
  const nothing = messages.slice(2);
  assertStrictEquals(await compaction().apply(nothing, context), nothing);
});

test("compaction() names the option that is wrong", () => {
  for (
    const [options, name] of [
      [{ contextTokens: 0 }, '"contextTokens"'],
      [{ trigger: 2 }, '"trigger"'],
      [{ target: 0.75 }, '"target" must be less than "trigger", got 0.75 and 0.75'],
      [{ keepTurns: 0 }, '"keepTurns"'],
      [{ evictAbove: 0 }, '"evictAbove"'],
    ] as const
  ) {
    assertThrows(() => compaction(options), RangeError, name);
  }
  assertThrows(() => compaction({ protect: "skills" }), TypeError, '"protect"');
  assertThrows(() => compaction({ size: 3 } as never), TypeError, '"size"');
});

const managers = {
  slidingWindow: fc.integer({ min: 1, max: 30 }).map((windowSize) => slidingWindow({ windowSize })),
  summarizing: fc.record({ keep: fc.integer({ min: 1, max: 10 }), fails: fc.boolean() }).map(
    ({ keep, fails }) =>
      summarizing({ keepRecent: keep, threshold: keep + 5, summarize: fails ? false : brief }),
  ),
  compaction: fc.record({
    contextTokens: fc.integer({ min: 2000, max: 5000 }),
    fails: fc.boolean(),
  }).map(({ contextTokens, fails }) =>
    compaction({ contextTokens, summarize: fails ? false : brief })
  ),
};
const reasons = fc.constantFrom("threshold", "overflow", "asked" as const);

for (const [name, manager] of Object.entries(managers)) {
  test(`${name}() leaves what every provider takes, in its order, and loses nothing that it must keep`, async () => {
    let shortened = 0;
    const property = fc.asyncProperty(
      conversations(),
      manager,
      reasons,
      async (messages, manager, because) => {
        const before = JSON.stringify(messages);
        const context = { because };
        const kept = await attempt(async () => await manager.apply(messages, context));
        assertEquals(JSON.stringify(messages), before);
        if (kept === null || kept === messages) return;
        shortened++;
        assertEquals(problemOf(toPrompt(kept)), null);
        assertEquals(orphansOf(kept), []);
        const order = kept.flatMap((message) => {
          const at = messages.findIndex(({ role, tool_call_id: id, content, tool_calls }) =>
            role === message.role && id === message.tool_call_id &&
            (role === "tool" || content === message.content) &&
            tool_calls[0]?.id === message.tool_calls[0]?.id
          );
          return at < 0 ? [] : [at];
        });
        assertEquals(order, order.toSorted((a, b) => a - b));
        const users = messages.filter(({ role }) => role === "user");
        // A window forgets, but never what it is about.
        const mustStay = name === "slidingWindow" ? users.slice(-1) : users;
        for (const { content } of mustStay) assert(kept.some((m) => m.content?.includes(content!)));
        if (name === "compaction") {
          assertEquals(kept.filter(({ role }) => role === "user"), users);
          for (const skill of messages.filter(({ name }) => name === "skills")) {
            assert(kept.includes(skill));
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 1000 });
    assert(shortened > 100, `${shortened} of 1000 were shortened`);
  });
}

/** Null if it is too long to be kept. */
async function attempt(
  work: () => Promise<readonly Message[]>,
): Promise<readonly Message[] | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConversationTooLongError) return null;
    throw error;
  }
}

/** Calls without a result right behind them, and results without a call. */
function orphansOf(messages: readonly Message[]): string[] {
  const orphans: string[] = [];
  let open: string[] = [];
  for (const { role, tool_calls, tool_call_id } of messages) {
    if (role === "tool") {
      if (!open.includes(tool_call_id!)) orphans.push(tool_call_id!);
      open = open.filter((id) => id !== tool_call_id);
    } else {
      orphans.push(...open);
      open = tool_calls.map(({ id }) => id);
    }
  }
  return [...orphans, ...open];
}
