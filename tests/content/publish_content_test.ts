/** What of content is stored: without secrets, within the bounds of an event, and with every message in its place. */
import { test } from "node:test";
import fc from "../harness/support/property.ts";
import { assert, assertEquals } from "@std/assert";
import { type Bus, EventBus, type Run, runContext } from "@locus/core";
import type { ContentMessage, SpanContent } from "@locus/core/events";
import { redactingBus } from "@locus/core/redaction";
import { Conversation } from "@locus/core/view";
import { defaultRedactor } from "../../src/redaction/default_redactor.ts";
import { publishContent, publishMessages } from "../../src/content/publish_content.ts";

// Put together, so that no scanner takes it for one.
const key = ["sk", "proj", "Zq71xLm20Qw93Er84Ty65Ui76Op87As98"].join("-");

const place = { span_id: "00f067aa0ba902b7", direction: "input" } as const;

/** What is stored of what `publish` publishes. */
function stored(publish: (run: Run) => void, maxEventBytes = 256 * 1024): SpanContent[] {
  const bus = new EventBus({ maxEventBytes, historyPerRun: 10_000 });
  return storedIn(bus, bus, publish);
}

function storedIn(bus: Bus, held: EventBus, publish: (run: Run) => void): SpanContent[] {
  runContext({ runId: "r", bus, content: true }, publish);
  assertEquals(held.stats().placeholders_total, 0);
  const events = held.history("span.content", { limit: 10_000 }).toReversed();
  return events.map(({ data }) => data);
}

function say(content: string, role = "user"): ContentMessage {
  return { role, parts: [{ type: "text", content }] };
}

function textOf({ parts }: ContentMessage): string {
  return parts.map(({ content }) => content).join("");
}

function utf8(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

test("content that fits is stored as it is, with its size", () => {
  const content = { city: "Zürich", days: [1, 2] };
  assertEquals(stored((run) => publishContent(run, place, "arguments", content)), [{
    ...place,
    kind: "arguments",
    base_span_id: null,
    from_index: 0,
    content,
    truncated: false,
    bytes: utf8(content),
  }]);
});

test("content that is nothing is stored as null, whole", () => {
  for (const nothing of [null, undefined, new Date(NaN)]) {
    const [content] = stored((run) => publishContent(run, place, "result", nothing));
    assertEquals([content!.content, content!.truncated, content!.bytes], [null, false, 4]);
  }
});

test("messages that fit are stored as they are, with what they continue", () => {
  const base = { base_span_id: "a2fb4a1d1a96d312", from_index: 3 };
  const messages = [say("Hi"), say("Hello", "assistant")];
  const [content] = stored((run) => publishMessages(run, place, messages, base));
  assertEquals(content, {
    ...place,
    kind: "messages",
    ...base,
    content: messages,
    truncated: false,
    bytes: utf8(messages),
  });
});

test("an answer says who gave it", () => {
  const [content] = stored((run) =>
    publishContent(run, { ...place, by: "ada" }, "answer", "approve")
  );
  assertEquals([content!.by, content!.content], ["ada", "approve"]);
});

test("secrets are taken out before anything is stored", () => {
  const call = { type: "tool_call", id: "c", name: "login", arguments: { password: "hunter2" } };
  const contents = stored((run) => {
    publishMessages(run, place, [say(`my key is ${key}`), { role: "assistant", parts: [call] }]);
    publishContent(run, place, "result", `key ${key}`);
    publishContent(run, place, "json", { api_key: "abcdefgh" });
  });
  const text = JSON.stringify(contents);
  for (const word of [key, "hunter2", "abcdefgh"]) assert(!text.includes(word), word);
  const [said] = contents[0]!.content as ContentMessage[];
  assert(textOf(said!).startsWith("my key is "));
});

test("a secret where a text is cut is not stored", () => {
  for (const before of [4_700, 4_760, 4_780, 4_790]) {
    const text = "a ".repeat(before / 2) + key + " b".repeat(20_000);
    const contents = stored((run) => publishContent(run, place, "text", text), 10_000);
    assert(!JSON.stringify(contents).includes(key.slice(0, 12)), `${before}`);
  }
});

test("of texts that are too long, the longest are cut first", () => {
  const messages = [
    say("short"),
    say("x".repeat(1_000)),
    say("y".repeat(20_000)),
    say("z".repeat(500)),
  ];
  const [content, ...more] = stored((run) => publishMessages(run, place, messages), 10_000);
  const cut = content!.content as ContentMessage[];
  assertEquals([more.length, content!.truncated, content!.bytes], [0, true, utf8(messages)]);
  assertEquals([cut[0], cut[1], cut[3]], [messages[0], messages[1], messages[3]]);
  const text = textOf(cut[2]!);
  assert(text.length > 1_000 && text.length < 5_000 && text.endsWith("…"), `${text.length}`);
});

test("a text of megabytes is cut, with its true size", () => {
  const text = "All work and no play. ".repeat(100_000);
  const [content] = stored((run) => publishContent(run, place, "text", text));
  const { content: cut, truncated, bytes } = content as { content: string } & SpanContent;
  assertEquals([truncated, bytes], [true, utf8(text)]);
  assert(cut.length > 100_000 && text.startsWith(cut.slice(0, -1)));
});

test("a message whose structure is too large keeps its place, as text", () => {
  const args = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`key ${n}`, n]));
  const call = { type: "tool_call", id: "c", name: "put", arguments: args };
  const messages = [say("before"), { role: "assistant", parts: [call] }, say("after")];
  const contents = stored((run) => publishMessages(run, place, messages), 10_000);
  const all = contents.flatMap(({ content }) => content as ContentMessage[]);
  assertEquals([all.length, all[0], all[2]], [3, messages[0], messages[2]]);
  assertEquals([all[1]!.role, all[1]!.parts[0]!.name], ["assistant", "put"]);
  assert(String(all[1]!.parts[0]!.arguments).startsWith('{"key 0":0,'));
});

test("whatever is put into messages, each keeps its place, and every event fits", () => {
  const part = fc.oneof(
    fc.record({
      type: fc.constant("text"),
      content: fc.string({ maxLength: 4_000, unit: "grapheme" }),
    }),
    fc.record({
      type: fc.constant("tool_call"),
      id: fc.string(),
      arguments: fc.jsonValue({ maxDepth: 4 }),
    }),
  );
  const message = fc.record({
    role: fc.constantFrom("user", "assistant"),
    parts: fc.array(part, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 40 }),
      fc.integer({ min: 1_500, max: 20_000 }),
      (messages, maxEventBytes) => {
        // Numbers, so that each can be told.
        const numbered = messages.map((message, n) => ({ ...message, name: `n${n}` }));
        const bus = new EventBus({ maxEventBytes, historyPerRun: 10_000 });
        const contents = storedIn(bus, bus, (run) => publishMessages(run, place, numbered));
        const conversation = new Conversation();
        for (const event of bus.history("span.content", { limit: 10_000 }).toReversed()) {
          conversation.add(event);
        }
        const { messages: read, missing } = conversation.prompt(place.span_id)!;
        assertEquals([read.length, missing], [messages.length, 0]);
        assertEquals(read.map(({ role }) => role), messages.map(({ role }) => role));
        const isCut = contents.some(({ truncated }) => truncated);
        if (!isCut) {
          assertEquals(read, defaultRedactor().data(JSON.parse(JSON.stringify(numbered))));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("messages that one event cannot hold go on in the next", () => {
  const messages = Array.from({ length: 300 }, (_, n) => say(`message ${n}`));
  const contents = stored((run) => publishMessages(run, place, messages), 10_000);
  assert(contents.length > 1);
  assertEquals(contents.flatMap(({ content }) => content), messages);
  let count = 0;
  for (const { content, base_span_id, from_index, truncated } of contents) {
    assertEquals([from_index, truncated], [count, false]);
    assertEquals(base_span_id, count === 0 ? null : place.span_id);
    count += (content as unknown[]).length;
  }
});

test("no messages are published as none", () => {
  const [content] = stored((run) => publishMessages(run, place, []), 1_000);
  assertEquals([content!.content, content!.bytes], [[], 2]);
});

test("a redacting bus keeps what was cut to fit", () => {
  const held = new EventBus({ maxEventBytes: 10_000 });
  const messages = Array.from({ length: 9 }, (_, n) => say(`${n} `.repeat(3_000)));
  const contents = storedIn(
    redactingBus(held),
    held,
    (run) => publishMessages(run, place, messages),
  );
  assertEquals(contents.flatMap(({ content }) => content as unknown[]).length, 9);
});

test("publishing content does not throw, whatever it is", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const throwing = {
    get text() {
      throw new Error("no");
    },
  };
  const bus = new EventBus();
  runContext({ runId: "r", bus, content: true }, (run) => {
    for (const value of [undefined, null, 1n, () => {}, cycle, throwing, new Proxy({}, {}), NaN]) {
      publishContent(run, place, "json", value);
      publishMessages(run, place, [value as never, say("after")]);
    }
  });
  const events = bus.history("span.content", { limit: 100 });
  assertEquals(events.length, 16);
  for (const { data } of events) {
    if (data.kind === "messages") assertEquals((data.content as unknown[])[1], say("after"));
  }
});

test("nothing is published where nobody asks for content, and nothing is looked at", () => {
  const bus = new EventBus();
  const refusing = new Proxy({}, {
    ownKeys: () => {
      throw new Error("looked at");
    },
  });
  runContext({ runId: "r", bus }, (run) => {
    publishContent(run, place, "json", refusing);
    publishMessages(run, place, [say("hello")]);
  });
  assertEquals([...bus.history()], []);
});
