import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type {
  AfterModelCallEvent,
  AfterToolCallEvent,
  BeforeModelCallEvent,
  BeforeToolCallEvent,
  Hook,
  HookContext,
  Message,
  ModelErrorEvent,
  ModelReply,
  Tool,
} from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf } from "../_support.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if `T` is true. */
function assertType<_T extends true>(): void {}

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

/** Every kind of event, from one run in which the first model call fails. */
async function eventsOfRun() {
  const seen: Record<string, object> = {};
  const hook: Hook = {
    onBeforeModelCall: (event) => void (seen.BeforeModelCallEvent = event),
    onAfterModelCall: (event) => void (seen.AfterModelCallEvent = event),
    onModelError: (event) => {
      seen.ModelErrorEvent = event;
      event.retry();
    },
    onBeforeToolCall: (event) => void (seen.BeforeToolCallEvent = event),
    onAfterToolCall: (event) => void (seen.AfterToolCallEvent = event),
  };
  const script = [new Error("down"), ...ADD_ONCE];
  await agentOf(script, { tools: addTool(), hooks: [hook] }).agent.invoke("go");
  return seen;
}

test("No field of a hook's event can be assigned, and the error says what to call", async () => {
  const events = await eventsOfRun();
  const attempts: [className: string, field: string, advice: string][] = [
    ["BeforeModelCallEvent", "messages", "call replaceMessages() instead"],
    ["BeforeModelCallEvent", "tools", "it is read-only; what can be steered: replaceMessages()"],
    ["AfterModelCallEvent", "response", "call replaceResponse() instead"],
    ["AfterModelCallEvent", "retry", "it is a method, call retry()"],
    ["AfterModelCallEvent", "retryRequested", "call retry() instead"],
    ["ModelErrorEvent", "error", "it is read-only; what can be steered: retry()"],
    ["BeforeToolCallEvent", "arguments", "call replaceArguments() instead"],
    ["BeforeToolCallEvent", "cancel", "it is a method, call cancel()"],
    ["BeforeToolCallEvent", "cancelled", "call cancel() instead"],
    ["BeforeToolCallEvent", "approvalQuestion", "call requireApproval() instead"],
    [
      "BeforeToolCallEvent",
      "new_field",
      "it is read-only; what can be steered: cancel(), requireApproval(), replaceArguments()",
    ],
    ["AfterToolCallEvent", "result", "call replaceResult() instead"],
    [
      "AfterToolCallEvent",
      "tool_name",
      "it is read-only; what can be steered: retry(), replaceResult()",
    ],
  ];
  for (const [className, field, advice] of attempts) {
    const event = events[className]! as Record<string, unknown>;
    const message = `${className}.${field} cannot be assigned: ${advice}`;
    assertThrows(() => event[field] = true, TypeError, message);
    assertThrows(() => delete event[field], TypeError, className);
    assertThrows(() => Object.defineProperty(event, field, { value: 1 }), TypeError, className);
    assert(Object.isFrozen(event), className);
  }
});

test("What a hook's event holds is frozen, too", async () => {
  const events = await eventsOfRun();
  const { response } = events.AfterModelCallEvent as AfterModelCallEvent;
  const { arguments: args } = events.BeforeToolCallEvent as BeforeToolCallEvent;
  const { messages } = events.BeforeModelCallEvent as BeforeModelCallEvent;
  for (const value of [response, response.tool_calls, response.usage, args, messages[0]]) {
    assert(Object.isFrozen(value));
  }
});

test("replaceArguments(), replaceMessages() and replaceResponse() say what they take", async () => {
  const refused: [hook: Hook, message: string][] = [
    [
      { onBeforeToolCall: (event) => event.replaceArguments(5 as never) },
      "BeforeToolCallEvent.replaceArguments(): expected an object, got 5",
    ],
    [
      { onBeforeModelCall: (event) => event.replaceMessages([{ role: "me" }] as never) },
      "BeforeModelCallEvent.replaceMessages(): expected messages, got an array",
    ],
    [
      { onAfterModelCall: (event) => event.replaceResponse({ content: 5 } as never) },
      'AfterModelCallEvent.replaceResponse(): "content" must be a string or null, got 5',
    ],
    [
      { onAfterModelCall: (event) => event.replaceResponse({ usage: {} } as never) },
      "AfterModelCallEvent.replaceResponse(): what can be replaced is content, reasoning, " +
      'tool_calls and stop_reason, got "usage"',
    ],
    [
      { onAfterModelCall: (event) => event.replaceResponse({ tool_calls: [{}] } as never) },
      'AfterModelCallEvent.replaceResponse(): "tool_calls" must be an array of ' +
      "{ id, name, arguments }, got an array",
    ],
  ];
  for (const [hook, message] of refused) {
    const { agent } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
    const { state } = await agent.invoke("go", { throwOnError: false });
    assertEquals(state.errors, [`TypeError: ${message}`]);
  }
});

test("A hook's methods know what they get", () => {
  const hook: Hook = {
    onBeforeInvocation: (prompt, state, context) => {
      assertType<Same<typeof prompt, string>>();
      assertType<Same<typeof context, HookContext>>();
      return state;
    },
    onBeforeModelCall: (event) => {
      assertType<Same<typeof event, BeforeModelCallEvent>>();
      assertType<Same<typeof event.messages, readonly Message[]>>();
      assertType<Same<typeof event.tools, readonly Tool[]>>();
      // @ts-expect-error fields are read-only
      event.messages = [];
    },
    onAfterModelCall: (event) => {
      assertType<Same<typeof event.response, ModelReply>>();
      // @ts-expect-error what an answer cost cannot be replaced
      event.replaceResponse({ usage: {} });
    },
    onModelError: (event) => {
      assertType<Same<typeof event, ModelErrorEvent>>();
      assertType<Same<typeof event.error, unknown>>();
    },
    onAfterToolCall: (event) => {
      assertType<Same<typeof event, AfterToolCallEvent>>();
      assertType<Same<typeof event.result, string | null>>();
      // @ts-expect-error retrying is asked for by retry()
      event.retryRequested = true;
    },
  };
  // @ts-expect-error an answer cannot be cancelled
  const wrong: Hook = { onAfterModelCall: (event) => event.cancel() };
  assertEquals([hook, wrong].length, 2);
});

test("A number of attempts that is none is refused when the agent is made", () => {
  assertThrows(
    () => agentOf([["hi"]], { hooks: [{ name: "odd", maxModelAttempts: NaN }] }),
    RangeError,
    'Agent: hook "odd": "maxModelAttempts" must be a whole number of at least 1, got NaN',
  );
});

test("A point that is no function is refused when the agent is made", () => {
  assertThrows(
    () => agentOf([["hi"]], { hooks: [{ name: "odd", onModelError: 5 } as object as Hook] }),
    TypeError,
    'Agent: "onModelError" of hook "odd" must be a function, got 5',
  );
});
