import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { generateText, type ModelMessage, stepCountIs, tool as aiTool, type UIMessage } from "ai";
import { Agent, type InputMessage } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

/** What the model is sent for a prompt. */
async function sent(prompt: string | readonly InputMessage[], systemPrompt = "Be kind.") {
  const model = scriptedModel(["ok"]);
  await new Agent({ model, systemPrompt }).invoke(prompt);
  return model.calls[0]!.prompt;
}

test("A prompt may be messages of the AI SDK", async () => {
  const messages: ModelMessage[] = [
    { role: "user", content: "My name is Ada." },
    {
      role: "assistant",
      content: [{ type: "text", text: "Hello " }, { type: "text", text: "Ada." }],
    },
    { role: "user", content: [{ type: "text", text: "Who am I?" }] },
  ];
  assertEquals(await sent(messages), [
    { role: "system", content: "Be kind." },
    { role: "user", content: [{ type: "text", text: "My name is Ada." }] },
    { role: "assistant", content: [{ type: "text", text: "Hello Ada." }] },
    { role: "user", content: [{ type: "text", text: "Who am I?" }] },
  ]);
  assertEquals(await sent([{ role: "user", content: "hi" }]), await sent("hi"));
});

test("Calls, results and signed reasoning of another run of the AI SDK are handed on", async () => {
  const { responseMessages } = await generateText({
    model: scriptedModel([
      {
        content: [
          { type: "reasoning", text: "look", providerMetadata: { anthropic: { signature: "s" } } },
          { type: "tool-call", toolCallId: "c1", toolName: "look", input: '{"at":"Oslo"}' },
        ],
      },
      "It rains.",
    ]),
    tools: {
      look: aiTool({ inputSchema: z.object({ at: z.string() }), execute: () => ({ rain: true }) }),
    },
    stopWhen: stepCountIs(2),
    prompt: "Weather?",
  });
  const prompt = await sent([
    { role: "user", content: "Weather?" },
    ...responseMessages,
    { role: "user", content: "Sure?" },
  ]);
  const parts = prompt.slice(2).flatMap(({ content }) => content as object[]);
  assertEquals(parts.map((part) => "type" in part && part.type), [
    "reasoning",
    "tool-call",
    "tool-result",
    "text",
    "text",
  ]);
  assertEquals(JSON.stringify(parts[0]).includes('"signature":"s"'), true);
  assertEquals(JSON.stringify(parts[2]).includes('{\\"rain\\":true}'), true);
});

test("The messages of an agent's run can be its next prompt, without the system prompt twice", async () => {
  const model = scriptedModel(["one", "two"]);
  const agent = new Agent({ model, systemPrompt: "Be kind." });
  const { messages } = await agent.invoke("first");
  await agent.invoke([...messages, { role: "user", content: "second" }]);
  const texts = model.calls[1]!.prompt.map(({ role, content }) => [
    role,
    typeof content === "string"
      ? content
      : content.map((part) => "text" in part && part.text).join(),
  ]);
  assertEquals(texts, [
    ["system", "Be kind."],
    ["user", "first"],
    ["assistant", "one"],
    ["user", "second"],
  ]);
});

test("What a provider executed, drew and cited goes back as it came, and is nothing of ours", async () => {
  const model = scriptedModel(["one"]);
  const call = {
    type: "tool-call",
    toolCallId: "ws",
    toolName: "web_search",
    input: { q: "Oslo" },
  };
  const output = { type: "json", value: { found: 3 } };
  const answer = [
    { ...call, providerExecuted: true },
    { type: "tool-result", toolCallId: "ws", toolName: "web_search", output },
    { type: "text", text: "It rains." },
    { type: "file", mediaType: "image/png", data: new URL("https://oslo.test/rain.png") },
    { type: "file", mediaType: "image/png", data: new Uint8Array([1, 2, 3]) },
    { type: "source", sourceType: "url", id: "s1", url: "https://oslo.test", title: "Oslo" },
    { type: "source-document", sourceId: "s2", mediaType: "application/pdf", title: "Rain" },
  ];
  const result = await new Agent({ model }).invoke([
    { role: "user", content: "Weather?" },
    { role: "assistant", content: answer },
    { role: "user", content: "And?" },
  ]);
  const prompt = model.calls[0]!.prompt.slice(1);
  assertEquals(prompt.map(({ role }) => role), ["user", "assistant", "user"]);
  assertEquals(prompt[1]!.content, [
    { ...call, providerExecuted: true },
    { type: "tool-result", toolCallId: "ws", toolName: "web_search", output },
    { type: "text", text: "It rains." },
    {
      type: "file",
      mediaType: "image/png",
      data: { type: "url", url: new URL("https://oslo.test/rain.png") },
    },
    { type: "file", mediaType: "image/png", data: { type: "data", data: "AQID" } },
  ] as never);
  const said = result.messages.find(({ role }) => role === "assistant")!;
  assertEquals(said.tool_calls, []);
  assertEquals(
    (said.metadata["sources"] as { id: string; type: string }[]).map((s) => [s.id, s.type]),
    [
      ["s1", "url"],
      ["s2", "document"],
    ],
  );
});

test("Messages of a page are taken where they are text", async () => {
  const messages: UIMessage[] = [
    { id: "1", role: "user", parts: [{ type: "text", text: "hi" }] },
    { id: "2", role: "assistant", parts: [{ type: "step-start" }, { type: "text", text: "ho" }] },
    { id: "3", role: "user", parts: [{ type: "text", text: "and?" }] },
  ];
  assertEquals((await sent(messages)).map(({ role }) => role), [
    "system",
    "user",
    "assistant",
    "user",
  ]);
});

test("A thread keeps the instructions of a prompt, whatever the agent's own are then", async () => {
  const checkpointer = new MemoryCheckpointer();
  const heard: unknown[] = [];
  for (const systemPrompt of ["", "", "Be kind."]) {
    const model = scriptedModel(["ok"]);
    const first = [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }];
    await new Agent({ model, systemPrompt, checkpointer }).invoke(
      heard.length === 0 ? first : "And now?",
      { threadId: "t" },
    );
    const { prompt } = model.calls[0]!;
    heard.push(prompt.flatMap(({ role, content }) => role === "system" ? [content] : []));
  }
  assertEquals(heard, [["Be brief."], ["Be brief."], ["Be kind.", "Be brief."]]);
});

test("Messages are added to what a thread holds", async () => {
  const model = scriptedModel(["one", "two"]);
  const agent = new Agent({ model, checkpointer: new MemoryCheckpointer() });
  await agent.invoke("first", { threadId: "t" });
  await agent.invoke([{ role: "user", content: "a" }, { role: "user", content: "b" }], {
    threadId: "t",
  });
  const state = await agent.thread("t");
  assertEquals(state?.messages.map(({ content }) => content).slice(1), [
    "first",
    "one",
    "a",
    "b",
    "two",
  ]);
});

test("What is no prompt is refused by name", () => {
  const agent = new Agent({ model: scriptedModel([]) });
  const image = { type: "image", image: "data:" };
  // As the messages of an earlier run have it.
  const own = { tool_calls: [], metadata: {} };
  const wrong: [unknown, string][] = [
    [5, "the prompt must be a string, got 5; an array of messages will do as well"],
    [[], "must end with one of the user, got none"],
    [[{ role: "assistant", content: "x" }], 'got one of role "assistant"'],
    [["hi"], 'message 1 of the prompt must be an object, got "hi"'],
    [[{ role: "human", content: "x" }], '"role" must be system, user, assistant or tool'],
    [[{ role: "user", content: 5 }], '"content" must be a string or an array of parts, got 5'],
    [[{ role: "user", content: 5, ...own }], "content: must be a string or null, got 5"],
    [[{ role: "human", content: "x", ...own }], 'role: must be "system" or "user"'],
    [[{ role: "user", content: "x", ...own, metadata: null }], "metadata: must be an object"],
    [[{ role: "system", content: [image] }], 'an agent cannot hand on parts of type "image" there'],
  ];
  for (const [prompt, message] of wrong) {
    assertThrows(() => agent.run(prompt as string), TypeError, message);
  }
});
