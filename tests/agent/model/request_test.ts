import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  assistantMessage,
  completeCalls,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from "../../../src/agent/state/messages.ts";
import { toPrompt, toPromptWithoutTools } from "../../../src/agent/model/request.ts";

const call = (id: string) => ({ id, name: "add", arguments: { a: 1 } });

test("toPrompt() sends later instructions as the user's, and merges what belongs together", () => {
  const messages = [
    systemMessage("Be kind."),
    systemMessage("Be brief."),
    userMessage("Add."),
    systemMessage("Plan first."),
    assistantMessage(null, [call("1"), call("2")]),
    toolMessage(call("1"), "3", false),
    toolMessage(call("2"), "Error: bad", true),
    systemMessage("Check it."),
  ];
  const toolCallPart = (toolCallId: string) => ({
    type: "tool-call" as const,
    toolCallId,
    toolName: "add",
    input: { a: 1 },
  });
  assertEquals(toPrompt(messages), [
    { role: "system", content: "Be kind." },
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [{ type: "text", text: "Add." }, { type: "text", text: "Plan first." }],
    },
    { role: "assistant", content: [toolCallPart("1"), toolCallPart("2")] },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "1",
          toolName: "add",
          output: { type: "text", value: "3" },
        },
        {
          type: "tool-result",
          toolCallId: "2",
          toolName: "add",
          output: { type: "error-text", value: "Error: bad" },
        },
      ],
    },
    { role: "user", content: [{ type: "text", text: "Check it." }] },
  ]);
});

test("toPrompt() leaves out an answer of nothing", () => {
  const prompt = toPrompt([userMessage("Hi"), assistantMessage(null, []), userMessage("Hello?")]);
  assertEquals(prompt.map(({ role }) => role), ["user"]);
});

test("toPromptWithoutTools() tells tool calls as text", () => {
  const messages = [
    userMessage("Add."),
    assistantMessage("I add.", [call("1")], [{ type: "reasoning", text: "signed" }]),
    toolMessage(call("1"), "3", false),
    systemMessage("Sum up."),
  ];
  assertEquals(toPromptWithoutTools(messages), [
    { role: "user", content: [{ type: "text", text: "Add." }] },
    {
      role: "assistant",
      content: [{ type: "text", text: 'I add.\n[called add with {"a":1}]' }],
    },
    {
      role: "user",
      content: [{ type: "text", text: "[add returned]\n3" }, { type: "text", text: "Sum up." }],
    },
  ]);
});

test("completeCalls() gives each call its result, and removes results without calls", () => {
  const result = (id: string) => toolMessage(call(id), "r", false);
  const none = (id: string) => toolMessage(call(id), "none", true);
  const signed = assistantMessage(null, [call("1")], [{ type: "reasoning", text: "signed" }]);
  const cases: [Message[], Message[]][] = [
    [[userMessage("a"), signed], [userMessage("a"), signed, none("1")]],
    [[result("1"), userMessage("a")], [userMessage("a")]],
    [
      [assistantMessage(null, [call("1"), call("2")]), result("2"), result("3")],
      [assistantMessage(null, [call("1"), call("2")]), none("1"), result("2")],
    ],
    [
      [assistantMessage(null, [call("1"), call("2")]), result("2"), result("1")],
      [assistantMessage(null, [call("1"), call("2")]), result("1"), result("2")],
    ],
    // The same id again, in a later turn: each result belongs to the call before it.
    [
      [assistantMessage(null, [call("1")]), userMessage("b"), result("1")],
      [assistantMessage(null, [call("1")]), none("1"), userMessage("b")],
    ],
  ];
  for (const [messages, complete] of cases) assertEquals(completeCalls(messages, "none"), complete);
});

test("toPrompt() gives no two calls of a conversation the same id", () => {
  const turn = [assistantMessage(null, [call("1")]), toolMessage(call("1"), "r", false)];
  const prompt = toPrompt([userMessage("a"), ...turn, ...turn, ...turn]);
  assertEquals(
    prompt.flatMap(({ content }) =>
      typeof content === "string"
        ? []
        : content.map((part) => "toolCallId" in part && part.toolCallId)
    ),
    [false, "1", "1", "1_2", "1_2", "1_3", "1_3"],
  );
});

test("toPrompt() leaves out texts of nothing but line breaks", () => {
  const prompt = toPrompt([
    userMessage("a"),
    assistantMessage("\n\n", [call("1")]),
    toolMessage(call("1"), "r", false),
  ]);
  assertEquals(prompt[1]!.content.length, 1);
});

test("completeCalls() hands back a sound conversation as it is", () => {
  const messages = [
    userMessage("a"),
    assistantMessage(null, [call("1")]),
    toolMessage(call("1"), "r", false),
    assistantMessage("b", []),
  ];
  assertEquals(completeCalls(messages) === messages, true);
});
