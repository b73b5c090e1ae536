import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus, withRun } from "@locus/core";
import { watchQuery } from "../../src/bridges/claude_agent.ts";
import type { Bridge } from "./_bridge.ts";
import { init, type Message, Replay, result, returns, says, system } from "./_claude_agent.ts";
import { checkRun } from "./_contract.ts";
import { testBridge } from "./_suite.ts";

/** Reads a session to its end, or so many messages of it. */
type Host = (messages: readonly Message[], upTo?: number) => Promise<unknown>;

const fail = (error: Error) => () => {
  throw error;
};
const aborted = () => new DOMException("stopped", "AbortError");
const task = (id: string) => [id, "Task", { subagent_type: "sub" }] as const;
const started = (tool_use_id: string, is_backgrounded = false) =>
  system("task_started", {
    tool_use_id,
    task_id: tool_use_id,
    subagent_type: "sub",
    is_backgrounded,
  });

/** A sub-agent that calls a tool and answers. */
const sub = (owner: string): Message[] => [
  started(owner),
  ...says([["c1", "weather", { city: "Rome" }]], owner),
  returns("c1", "Rome 18", owner),
  ...says("sub says", owner),
];

const SUB = ["agent sub", "model sonnet", "tool weather", "model sonnet"];

/** One session with most of what there is. */
const long: readonly Message[] = [
  init,
  system("api_retry", { attempt: 1, max_retries: 10, retry_delay_ms: 500, error: "rate_limit" }),
  ...says([task("a1"), task("a2")]),
  system("hook_started", { hook_id: "h", hook_name: "guard", hook_event: "PreToolUse" }),
  system("hook_response", { hook_id: "h", outcome: "success" }),
  ...sub("a1"),
  started("a2", true),
  returns("a2", "started in the background"),
  returns("a1", "sub says"),
  ...says([["c9", "Bash", { command: "ls" }]]),
  system("permission_denied", { tool_use_id: "c9", tool_name: "Bash", message: "by a rule" }),
  returns("c9", "denied", null, true),
  system("compact_boundary", { compact_metadata: { trigger: "auto", pre_tokens: 9 } }),
  ...says("In the background", "a2"),
  system("task_notification", { tool_use_id: "a2", status: "completed", summary: "Done." }),
  ...says("All is done."),
  result("All is done."),
];

const scenarios: Bridge<Host>["scenarios"] = {
  "two tools at once, one of them an agent": {
    run: (host) =>
      host([
        init,
        ...says([["c1", "weather", { city: "Oslo" }], task("c2")]),
        returns("c1", "Oslo 18"),
        ...sub("c2"),
        returns("c2", "sub says"),
        ...says("It is fine today."),
        result("It is fine today."),
      ]),
    outline: ["agent claude", "model sonnet", "tool weather", ["tool Task", SUB], "model sonnet"],
  },
  "two agents at once with equal call ids": {
    run(host) {
      const [one, two] = [sub("a1"), sub("a2")];
      const mixed = one.flatMap((message, index) => [message, two[index]!]);
      return host([
        init,
        ...says([task("a1"), task("a2")]),
        ...mixed,
        returns("a1", "sub says"),
        returns("a2", "sub says"),
        ...says("done"),
        result("done"),
      ]);
    },
    outline: [
      "agent claude",
      "model sonnet",
      ["tool Task", SUB],
      ["tool Task", SUB],
      "model sonnet",
    ],
  },
  "a tool that throws": {
    run: (host) =>
      host([
        init,
        ...says([["c1", "broken", {}]]),
        returns("c1", "tool broke", null, true),
        ...says("sorry"),
        result("sorry"),
      ]),
    outline: ["agent claude", "model sonnet", "tool broken", "model sonnet"],
  },
  "a model that fails in the second turn": {
    run: (host) =>
      host([
        init,
        ...says([["c1", "weather", { city: "Oslo" }]]),
        returns("c1", "Oslo 18"),
        { type: "assistant", message: { id: "m", model: "sonnet" }, error: "server_error" },
        result("status 500", "error_during_execution"),
      ]),
    outline: ["agent claude", "model sonnet", "tool weather", "model sonnet"],
  },
  "a limit of turns": {
    run: (host) =>
      host([
        init,
        ...says([["c1", "weather", { city: "Oslo" }]]),
        returns("c1", "Oslo 18"),
        result("1 turn", "error_max_turns"),
      ]),
    outline: ["agent claude", "model sonnet", "tool weather"],
  },
  "an abort in the text": {
    run: (host) => host([init, ...says("one two three").slice(0, 4), fail(aborted())]),
    outline: ["agent claude", "model sonnet"],
  },
  "an abort in a tool": {
    run: (host) => host([init, ...says([["c1", "slow", {}]]), fail(aborted())]),
    outline: ["agent claude", "model sonnet", "tool slow"],
  },
  "a reader who leaves half-way": {
    run: (host) => host([init, ...says("one two three")], 5),
    outline: ["agent claude", "model sonnet"],
  },
  "a process that dies": {
    run: (host) =>
      host([init, ...says([["c1", "slow", {}]]), fail(new Error("exited with code 1"))]),
    outline: ["agent claude", "model sonnet", "tool slow"],
    ends: ["error"],
    outcome: "error",
  },
  "a long session": {
    run: (host) => host(long),
    outline: [
      "agent claude",
      "model sonnet",
      ["tool Task", SUB],
      ["tool Task", ["agent sub", "model sonnet"]],
      "work PreToolUse guard",
      "model sonnet",
      "tool Bash",
      "model sonnet",
    ],
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
    check({ of }) {
      assertEquals(of("agent.model.retry")[0]!.reason, "rate_limit");
      assertEquals(of("agent.steering.applied")[0]!.reason, "by a rule");
      assertEquals(of("claude.compacted")[0]!.tokens_before, 9);
      const attributes = of("span.completed").at(-1)!.attributes as { cost_usd?: number };
      assertEquals(attributes.cost_usd, 0.01);
    },
  },
  "without partial messages": {
    run: (host) =>
      host(long.filter((message) => (message as { type?: string }).type !== "stream_event")),
    outline: null,
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
    check({ of }) {
      assertEquals(of("agent.model.completed").length, 6);
      assertEquals(of("agent.tokens.used"), [], "what is said of tokens is not final");
    },
  },
};

function reads(watch: (query: Replay) => Replay): Host {
  return async (messages, upTo = Infinity) => {
    const read: unknown[] = [];
    for await (const message of watch(new Replay(messages))) {
      if (read.push(message) >= upTo) break;
    }
    return read;
  };
}

testBridge<Host>({
  name: "Claude Agent",
  source: "claude-agent",
  ways: {
    "a recording": (options) => reads((query) => options ? watchQuery(query, options) : query),
  },
  twice: (options) => reads((query) => watchQuery(watchQuery(query, options), options)),
  scenarios,
  asked: (host, { input, words, onTool = () => {} }) =>
    host([
      init,
      ...says([["c1", "weather", { city: input }]]),
      onTool,
      returns("c1", `${input} 18`),
      ...says(words),
      result(words),
    ]),
  waiting: "the SDK asks its caller, within one process, and says nothing of it in its messages",
  hidesInput: true,
  content: ["input arguments 0", "output result 0", "output text 0"],
});

test("Claude Agent: any beginning of a session, and any losses, hold the contract", async () => {
  const read = async (messages: readonly Message[]) => {
    const bus = new EventBus();
    await withRun({ bus }, async () => {
      for await (const _ of watchQuery(new Replay(messages)));
    });
    checkRun(bus);
  };
  for (let length = 0; length < long.length; length++) await read(long.slice(0, length));
  const some = fc.subarray([...long], { minLength: 1 });
  await fc.assert(fc.asyncProperty(some, read), { numRuns: 200 });
});

test("Claude Agent: the query's own methods stay, on the query itself", async () => {
  const watched = watchQuery(new Replay([init, result("ok")]));
  assertEquals(await watched.interrupt(), "interrupted");
  assert(watched[Symbol.asyncIterator]() === watched);
});

test("Claude Agent: sessions in one run are told apart", async () => {
  const bus = new EventBus();
  const session = [init, ...says([["c1", "weather", {}]]), returns("c1", "18"), result("ok")];
  const read = async () => {
    for await (const _ of watchQuery(new Replay(session)));
  };
  await withRun({ bus }, () => Promise.all([read(), read()]));
  const one = ["agent claude", "model sonnet", "tool weather"];
  assertEquals(checkRun(bus).outline, ["run run", one, one]);
});

test("Claude Agent: turns of one session are agents of one run", async () => {
  const bus = new EventBus();
  await withRun({ bus }, async () => {
    const turns = [init, ...says("one"), result("one"), init, ...says("two"), result("two")];
    for await (const _ of watchQuery(new Replay(turns)));
  });
  const { of } = checkRun(bus);
  assertEquals(of("agent.terminate").map(({ final_message_preview: text }) => text), [
    "one",
    "two",
  ]);
});

test("Claude Agent: a turn that is over leaves nothing to the next one", async () => {
  const bus = new EventBus();
  const lost = says([["c1", "weather", {}]]);
  const denied = system("permission_denied", { tool_use_id: "c1", tool_name: "weather" });
  await withRun({ bus }, async () => {
    const turns = [init, ...lost, result("one"), init, denied, result("two")];
    for await (const _ of watchQuery(new Replay(turns)));
  });
  // That call is none of this turn, so the agent itself is told of.
  const { of } = checkRun(bus);
  assertEquals(of("agent.steering.applied").length, 1);
});

test("Claude Agent: what is no query is refused by a sentence", () => {
  assertThrows(
    () => watchQuery({} as never),
    TypeError,
    "expected a query of the Claude Agent SDK",
  );
});
