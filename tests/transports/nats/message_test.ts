import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import {
  type Draft,
  readMessage,
  readWord,
  writeMessage,
  writeWord,
} from "../../../src/transports/nats/message.ts";
import { Subjects } from "../../../src/transports/nats/subjects.ts";
import { isRunId } from "../../../src/events/identifiers.ts";
import { check } from "../../core/properties/settings.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const count = fc.nat(2 ** 31);
const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom("events" as const, "close" as const, "drop" as const),
  state: fc.record({
    epoch: fc.stringMatching(/^[A-Za-z0-9]{1,32}$/),
    head: fc.integer({ min: 2 ** 32, max: Number.MAX_SAFE_INTEGER }),
    closed: fc.boolean(),
    dropped: count,
    producers: fc.array(
      fc.record({
        id: fc.stringMatching(/^[A-Za-z0-9_:@~+=-]{1,128}$/),
        epoch: fc.oneof(count, fc.constant(2 ** 53)),
        seq: fc.oneof(count, fc.constant(-1)),
        left: count,
      }),
      { maxLength: 40, size: "max" },
    ),
  }),
  lost: count,
  events: fc.array(
    fc.record({
      type: fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/),
      time: fc.integer(),
      data: fc.jsonValue().map((value) => JSON.stringify({ value })),
    }),
    { maxLength: 8 },
  ),
});

test("readMessage() reads what writeMessage() wrote, and numbers its events", async () => {
  await check(fc.property(draft, ({ kind, state, lost, events }) => {
    const message = readMessage(encode(writeMessage({ kind, state, lost, events })), 1)!;
    assertEquals([message.kind, message.state], [kind, state]);
    assertEquals(message.before, state.head - lost - events.length);
    const first = state.head - events.length + 1;
    assertEquals(message.events, events.map((event, i) => ({ ...event, seq: first + i })));
  }));
});

test("readMessage() never throws, and refuses what is none", async () => {
  const mangled = fc.tuple(draft, fc.nat(), fc.string({ maxLength: 4 })).map(
    ([draft, at, text]) => {
      const whole = writeMessage(draft);
      const place = at % whole.length;
      return encode(whole.slice(0, place) + text + whole.slice(place + text.length));
    },
  );
  const any = fc.oneof(fc.uint8Array(), fc.json().map(encode), mangled);
  await check(fc.property(any, (bytes) => {
    const message = readMessage(bytes, 1);
    if (message === null) return;
    const { state: { head, dropped }, before, events } = message;
    assert(Number.isSafeInteger(head) && before >= 0 && before <= head && dropped <= head);
    assert(events.every(({ seq }) => seq > before && seq <= head));
  }));
});

test("readMessage() refuses what would have to be larger than any message is", () => {
  const state = { epoch: "e", head: 1, closed: false, dropped: 0, producers: [] };
  const event = { type: "t", time: 0, data: `"${"x".repeat(8 * 1024 * 1024)}"` };
  const whole = writeMessage({ kind: "events", state, lost: 0, events: [event] });
  assertEquals(readMessage(encode(whole), 1), null);
});

test("readWord() reads what writeWord() wrote, and nothing else", () => {
  assertEquals(readWord(writeWord("dropped")), "dropped");
  assertEquals(readWord(writeWord("evicted")), "evicted");
  for (const text of ["", "null", "[]", '{"format":1}', '{"format":2,"word":"dropped"}']) {
    assertEquals(readWord(text), null);
  }
});

test("Subjects say which run they are about, and are such as NATS takes", async () => {
  const subjects = new Subjects("p");
  await check(fc.property(fc.stringMatching(/^[A-Za-z0-9_.:@~+=-]{1,128}$/), (runId) => {
    fc.pre(isRunId(runId));
    for (const subject of [subjects.run(runId), subjects.live(runId), subjects.ask(runId)]) {
      assertEquals(subjects.runIdOf(subject), runId);
      assert(/^[^\s*>]+$/.test(subject));
      assert(subject.split(".").length <= 4 && subject.split(".").every((token) => token !== ""));
    }
  }));
});
