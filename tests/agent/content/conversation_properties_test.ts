/** Whatever an agent's conversation goes through, what its models were told can be read from the bus. */
import { test } from "node:test";
import fc from "../../harness/support/property.ts";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type Run, runContext } from "@locus/core";
import type { ContentMessage } from "@locus/core/events";
import { Conversation } from "@locus/core/view";
import {
  ConversationRecorder,
  recordBeside,
  type RecordedCall,
} from "../../../src/agent/spans/conversation_recorder.ts";

type Step =
  | { readonly kind: "say" | "call" | "fail" | "retry" | "parallel" | "beside" }
  | { readonly kind: "compact" | "rewrite"; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ kind: "say" }, { kind: "call" }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>(
      { kind: "fail" },
      { kind: "retry" },
      { kind: "parallel" },
      { kind: "beside" },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("compact", "rewrite"), at: fc.nat(20) }),
  },
);

/** Executes programs, and remembers what each call was told. */
class Program {
  readonly told = new Map<string, readonly ContentMessage[]>();
  readonly #run: Run;
  readonly #recorder = new ConversationRecorder();
  #messages: ContentMessage[] = [];
  #count = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#messages.push(this.#message("system"));
  }

  execute(step: Step): void {
    switch (step.kind) {
      case "say":
        this.#messages.push(this.#message("user"), this.#message("tool"));
        return;
      case "call":
        return this.#answer(this.#call(this.#messages));
      case "fail":
        this.#call(this.#messages);
        return;
      case "retry":
        // What the first attempt answered is not used.
        this.#call(this.#messages).answer(this.#message("assistant"));
        return this.#answer(this.#call(this.#messages));
      case "parallel": {
        const other = [...this.#messages, this.#message("user")];
        const calls = [this.#call(this.#messages), this.#call(other)];
        calls[1]!.answer(this.#message("assistant"));
        return this.#answer(calls[0]!);
      }
      case "beside": {
        const asked = [this.#message("system"), ...this.#messages.slice(-2)];
        recordBeside(this.#run, this.#id(asked), asked).answer(this.#message("assistant"));
        return;
      }
      case "compact":
        this.#messages.splice(0, step.at, this.#message("system"));
        return;
      case "rewrite": {
        // For one call only.
        const changed = this.#messages.with(step.at % this.#messages.length, this.#message("user"));
        return this.#answer(this.#call(changed));
      }
    }
  }

  #call(messages: readonly ContentMessage[]): RecordedCall {
    // As they come from a prompt: equal, and not the same objects.
    return this.#recorder.record(this.#run, this.#id(messages), structuredClone([...messages]));
  }

  #answer(call: RecordedCall): void {
    const answer = this.#message("assistant");
    call.answer(answer);
    this.#messages.push(answer);
  }

  #id(messages: readonly ContentMessage[]): string {
    const id = `span-${this.told.size}`;
    this.told.set(id, [...messages]);
    return id;
  }

  #message(role: string): ContentMessage {
    const n = this.#count++;
    const call = { type: "tool_call", id: `c${n}`, name: "look", arguments: { n, of: ["x", n] } };
    const parts = [{ type: "text", content: `message ${n}` }];
    return { role, parts: role === "assistant" && n % 2 === 0 ? [...parts, call] : parts };
  }
}

/** What a program published, read with a history of so many events, and what each call was told. */
function read(steps: readonly Step[], historyPerRun: number) {
  const bus = new EventBus({ historyPerRun });
  const program = runContext({ runId: "r", bus, content: true }, (run) => new Program(run));
  for (const step of steps) program.execute(step);
  const conversation = new Conversation();
  const events = bus.history({ run: "r" }, { limit: historyPerRun }).toReversed();
  for (const event of events) conversation.add(event);
  return { told: program.told, conversation, events };
}

const steps = fc.array(step, { maxLength: 40 });

test("every prompt is read as it was sent", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const { told, conversation } = read(steps, 1_000);
      for (const [id, messages] of told) {
        assertEquals(conversation.prompt(id), { messages, missing: 0, truncated: false });
      }
    }),
    { numRuns: 300 },
  );
});

test("of a prompt whose beginning was evicted, the number of missing messages is right", () => {
  let missing = 0;
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (steps, historyPerRun) => {
      const { told, conversation } = read(steps, historyPerRun);
      for (const [id, messages] of told) {
        const prompt = conversation.prompt(id);
        if (prompt === null) continue;
        assertEquals(prompt.messages, messages.slice(prompt.missing));
        missing += prompt.missing;
      }
    }),
    { numRuns: 300 },
  );
  assert(missing > 0);
});

test("of a prompt whose base made room in the reader, the number of missing messages is right", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20_000 }), (steps, maxBytes) => {
      const { told, events } = read(steps, 1_000);
      const conversation = new Conversation({ maxBytes });
      for (const event of events) conversation.add(event);
      for (const [id, messages] of told) {
        const prompt = conversation.prompt(id);
        if (prompt !== null) assertEquals(prompt.messages, messages.slice(prompt.missing));
      }
    }),
    { numRuns: 300 },
  );
});

test("of a prompt some of whose events were missed, what is shown is at its place", () => {
  fc.assert(
    fc.property(steps, fc.func(fc.integer({ min: 0, max: 9 })), (steps, dice) => {
      const { told, events } = read(steps, 1_000);
      const conversation = new Conversation();
      const seen = events.filter((_, index) => dice(index) > 0);
      for (const event of seen) conversation.add(event);
      for (const [id, messages] of told) {
        const prompt = conversation.prompt(id);
        if (prompt !== null) assertEquals(prompt.messages, messages.slice(prompt.missing));
      }
    }),
    { numRuns: 300 },
  );
});

test("a retry publishes no message again", () => {
  const { events } = read(
    [{ kind: "say" }, { kind: "call" }, { kind: "fail" }, { kind: "fail" }],
    100,
  );
  const inputs = events.filter(({ data }) =>
    (data as { direction?: string }).direction === "input"
  );
  const lengths = inputs.map(({ data }) => (data as { content: unknown[] }).content.length);
  assertEquals(lengths, [3, 0, 0]);
});

test("a hundred turns store each message once", () => {
  const turn: Step[] = [{ kind: "say" }, { kind: "call" }];
  const stored = (turns: number) => {
    const bus = new EventBus({ historyPerRun: 1_000 });
    const program = runContext({ runId: "r", bus, content: true }, (run) => new Program(run));
    for (let n = 0; n < turns; n++) turn.forEach((step) => program.execute(step));
    return bus.stats().retained_bytes;
  };
  const [ten, hundred] = [stored(10), stored(100)];
  assert(hundred < 11 * ten, `${hundred} bytes for 100 turns, ${ten} for 10`);
});
