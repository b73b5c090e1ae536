import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import { Conversation, RunPicture } from "@locus/core/view";

function say(content: string, role = "user") {
  return { role, parts: [{ type: "text", content }] };
}

let count = 0;

function event(data: object): StreamEvent {
  return {
    event_id: `e-${++count}`,
    run_id: "r",
    event_type: "span.content",
    timestamp: "2026-01-31T12:00:00.000Z",
    data: {
      span_id: "a",
      direction: "input",
      kind: "messages",
      base_span_id: null,
      from_index: 0,
      content: [],
      truncated: false,
      bytes: 0,
      ...data,
    },
  } as StreamEvent;
}

function conversationOf(...data: object[]): Conversation {
  const conversation = new Conversation();
  for (const one of data) conversation.add(event(one));
  return conversation;
}

test("Conversation has no prompt of a span that it does not know", () => {
  const conversation = conversationOf({
    span_id: "t",
    kind: "arguments",
    content: { city: "Bern" },
  });
  assertEquals([conversation.prompt("a"), conversation.prompt("t")], [null, null]);
});

test("Conversation has what is known of a span, as it came", () => {
  const conversation = conversationOf(
    { span_id: "t", kind: "arguments", content: { city: "Bern" } },
    { span_id: "t", kind: "result", direction: "output", content: "4 °C" },
  );
  assertEquals(conversation.contentOf("t").map(({ kind, content }) => [kind, content]), [
    ["arguments", { city: "Bern" }],
    ["result", "4 °C"],
  ]);
  assertEquals(conversation.contentOf("other"), []);
});

test("Conversation says how many messages are missing where the base is not known", () => {
  const conversation = conversationOf({
    base_span_id: "gone",
    from_index: 7,
    content: [say("Hi")],
  });
  assertEquals(conversation.prompt("a"), { messages: [say("Hi")], missing: 7, truncated: false });
});

test("Conversation says that messages are missing where the answer of a base was missed", () => {
  const conversation = conversationOf(
    { span_id: "a", content: [say("Hi")] },
    { span_id: "b", base_span_id: "a", from_index: 2, content: [say("Bye")] },
  );
  assertEquals(conversation.prompt("b"), { messages: [say("Bye")], missing: 2, truncated: false });
});

test("Conversation says that texts were cut only where they are part of the prompt", () => {
  const conversation = conversationOf(
    { span_id: "a", content: [say("Hi")] },
    { span_id: "a", direction: "output", content: [say("Well…", "assistant")], truncated: true },
    { span_id: "b", base_span_id: "a", from_index: 2, content: [] },
    { span_id: "c", base_span_id: "a", from_index: 1, content: [] },
  );
  assertEquals(
    ["a", "b", "c"].map((span) => conversation.prompt(span)?.truncated),
    [false, true, false],
  );
});

test("Conversation puts a call together that one event could not hold", () => {
  const conversation = conversationOf(
    { span_id: "a", content: [say("1"), say("2")] },
    { span_id: "a", base_span_id: "a", from_index: 2, content: [say("3")], truncated: true },
    { span_id: "b", base_span_id: "a", from_index: 3, content: [say("4")] },
  );
  const messages = [say("1"), say("2"), say("3")];
  assertEquals(conversation.prompt("a"), { messages, missing: 0, truncated: true });
  assertEquals(conversation.prompt("b")?.messages, [...messages, say("4")]);
});

test("Conversation says what is missing of a call whose first event is", () => {
  const conversation = conversationOf({ base_span_id: "a", from_index: 2, content: [say("3")] });
  assertEquals(conversation.prompt("a"), { messages: [say("3")], missing: 2, truncated: false });
});

test("Conversation reads a prompt as long as a run without recursion", () => {
  const conversation = new Conversation();
  const turns = 20_000;
  for (let n = 0; n < turns; n++) {
    const base = n === 0 ? {} : { base_span_id: `s${n - 1}`, from_index: n };
    conversation.add(event({ span_id: `s${n}`, ...base, content: [say(`${n}`)] }));
  }
  const { messages, missing } = conversation.prompt(`s${turns - 1}`)!;
  assertEquals([messages.length, missing, messages[7]], [turns, 0, say("7")]);
});

test("Conversation keeps no more than it may, and says what is missing then", () => {
  const conversation = new Conversation({ maxBytes: 10_000 });
  for (let n = 0; n < 1_000; n++) {
    const base = n === 0 ? {} : { base_span_id: `s${n - 1}`, from_index: n };
    conversation.add(event({ span_id: `s${n}`, ...base, content: [say(`${n}`)] }));
  }
  const { messages, missing } = conversation.prompt("s999")!;
  assertEquals([missing + messages.length, messages.at(-1)], [1_000, say("999")]);
  assertEquals([conversation.prompt("s0"), conversation.contentOf("s0")], [null, []]);
});

test("Conversation takes events of any shape", () => {
  const conversation = new Conversation();
  for (
    const data of [
      {},
      { content: null },
      { content: { $placeholder: "too_large" } },
      { content: [null, 1, "text", { role: 1 }, { role: "user" }] },
      { from_index: -1 },
      { from_index: 1.5, base_span_id: "a" },
      { from_index: Number.MAX_SAFE_INTEGER, base_span_id: "a", content: [say("x")] },
      { span_id: 7, kind: 7, direction: 7 },
      { direction: "output", content: "text" },
    ]
  ) {
    conversation.add(event(data));
    assertEquals(conversation.prompt("a") === null, false);
  }
});

test("Conversation.add() says what is no event", () => {
  for (const value of [null, [], { ...event({}), data: null }]) {
    assertThrows(
      () => new Conversation().add(value as never),
      TypeError,
      "Conversation.add(): expected an event, got ",
    );
  }
});

test("Conversation passes other events over", () => {
  assertEquals(new Conversation().add({ ...event({}), event_type: "span.linked" } as never), false);
});

test("Conversation says what its limit must be", () => {
  assertThrows(() => new Conversation({ maxBytes: 0 }), RangeError, `Conversation: "maxBytes"`);
  assertThrows(
    () => new Conversation({ max: 1 } as never),
    TypeError,
    "Conversation: unknown option",
  );
});

test("RunPicture keeps content for whoever asks, and draws no line for it", () => {
  const picture = new RunPicture("r");
  picture.add(event({ content: [say("Hi")] }));
  assertEquals([picture.rows, picture.conversation.prompt("a")?.messages], [[], [say("Hi")]]);
});

test("RunPicture says which line content is of", () => {
  const picture = new RunPicture("r");
  const started = { span_id: "s", parent_span_id: null, name: "work", attributes: {} };
  const row = picture.add({ ...event({}), event_type: "span.started", data: started } as never);
  assertEquals(picture.add(event({ span_id: "s", kind: "text", content: "Hi" })), row);
  assertEquals(row?.revision, picture.revision);
});
