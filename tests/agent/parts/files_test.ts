import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type ModelMessage, tool as aiTool, type UIMessage } from "ai";
import { EventBus, runContext } from "@locus/core";
import { Agent, type AgentOptions, type InputMessage, tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

/** 70 bytes that are an image. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E" +
  "rkJggg==";
const BYTES = Uint8Array.from(atob(PNG), (char) => char.charCodeAt(0));
const LABEL = "[image: image/png, 70 bytes]";
const image = { type: "file", mediaType: "image/png", data: { type: "data", data: PNG } };

/** What the model is sent of one message of the user, and what the run keeps of it. */
async function sentOf(content: unknown) {
  const model = scriptedModel(["ok"], { provider: "openai.responses" });
  const { messages } = await new Agent({ model, systemPrompt: "" }).invoke([
    { role: "user", content } as InputMessage,
  ]);
  return { sent: model.calls[0]!.prompt[0]!.content, kept: messages[0]! };
}

test("Every way to write an image comes to the same part", async () => {
  const ways: unknown[] = [
    { type: "file", data: PNG, mediaType: "image/png" },
    { type: "file", data: BYTES, mediaType: "image/png" },
    { type: "file", data: BYTES.buffer, mediaType: "image/png" },
    { type: "file", data: { type: "data", data: BYTES }, mediaType: "image/png" },
    { type: "image", image: BYTES, mediaType: "image/png" },
    { type: "image", image: `data:image/png;base64,${PNG}` },
    { type: "image", image: new URL(`data:image/png;base64,${PNG}`) },
    { type: "file", url: `data:image/png;base64,${PNG}`, mediaType: "image/png" },
    { type: "image", data: PNG, mimeType: "image/png" },
  ];
  for (const way of ways) {
    const { sent, kept } = await sentOf([{ type: "text", text: "What is this?" }, way]);
    assertEquals<unknown>(sent, [{ type: "text", text: "What is this?" }, image]);
    assertEquals(kept.content, `What is this?\n${LABEL}`);
  }
});

test("Files keep their places, names, addresses and options", async () => {
  const { sent, kept } = await sentOf([
    { type: "text", text: "Compare" },
    { type: "image", image: new URL("https://cdn.test/a.png?key=secret") },
    { type: "text", text: "with" },
    { type: "image", image: PNG, mediaType: "image/png" },
    { type: "text", text: "and" },
    {
      type: "file",
      data: { type: "reference", reference: { openai: "file-1" } },
      mediaType: "application/pdf",
      filename: "a.pdf",
      providerOptions: { anthropic: { citations: { enabled: true } } },
    },
  ]);
  const url = new URL("https://cdn.test/a.png?key=secret");
  assertEquals<unknown>(sent, [
    { type: "text", text: "Compare" },
    { type: "file", mediaType: "image/*", data: { type: "url", url } },
    { type: "text", text: "with" },
    image,
    { type: "text", text: "and" },
    {
      type: "file",
      mediaType: "application/pdf",
      filename: "a.pdf",
      data: { type: "reference", reference: { openai: "file-1" } },
      providerOptions: { anthropic: { citations: { enabled: true } } },
    },
  ]);
  assertEquals(
    kept.content,
    `Compare\n[image: image/*, at cdn.test]\nwith\n${LABEL}\nand\n` +
      '[file "a.pdf": application/pdf, by reference]',
  );
});

test("A prompt may be an image alone, also that of a page", async () => {
  assertEquals<unknown>(
    (await sentOf([{ type: "image", image: BYTES, mediaType: "image/png" }])).sent,
    [
      image,
    ],
  );
  const messages: UIMessage[] = [{
    id: "1",
    role: "user",
    parts: [{ type: "file", mediaType: "image/png", url: `data:image/png;base64,${PNG}` }],
  }];
  const model = scriptedModel(["ok"]);
  await new Agent({ model, systemPrompt: "" }).invoke(messages);
  assertEquals<unknown>(model.calls[0]!.prompt[0]!.content, [image]);
});

test("What is no file is refused by name", () => {
  const agent = new Agent({ model: scriptedModel([]) });
  const wrong: [object, string][] = [
    [{ type: "image", image: "no base64!" }, 'must be bytes, base64 or a URL, got "no base64!"'],
    [{ type: "file", data: 5, mediaType: "a/b" }, "must be bytes, base64 or a URL, got 5"],
    [{ type: "file", data: PNG }, 'needs a "mediaType"'],
    [{ type: "image" }, "must be bytes, base64 or a URL, got undefined"],
  ];
  for (const [part, message] of wrong) {
    assertThrows(() => agent.run([{ role: "user", content: [part] }]), TypeError, message);
  }
  const data = "A".repeat(28_000_004);
  assertThrows(
    () => agent.run([{ role: "user", content: [{ type: "image", image: data }] }]),
    RangeError,
    "too large",
  );
});

const shots: Record<string, AgentOptions["tools"]> = {
  "parts of ours": tool({
    name: "shot",
    execute: () => [{ type: "text", text: "The page:" }, {
      type: "image",
      image: BYTES,
      mediaType: "image/png",
    }],
  }),
  "an output of the AI SDK": tool({
    name: "shot",
    execute: () => ({
      type: "content",
      value: [{ type: "text", text: "The page:" }, {
        type: "file-data",
        data: PNG,
        mediaType: "image/png",
      }],
    }),
  }),
  "toModelOutput()": {
    shot: aiTool({
      inputSchema: z.object({}),
      execute: () => BYTES.length,
      toModelOutput: () => ({
        type: "content",
        value: [{ type: "text", text: "The page:" }, {
          type: "image-data",
          data: PNG,
          mediaType: "image/png",
        }],
      }),
    }),
  },
};
const callsShot = { toolCalls: [{ toolName: "shot", input: {} }] };

for (const [name, tools] of Object.entries(shots)) {
  test(`A tool returns an image as ${name}`, async () => {
    for (
      const [provider, inResult] of [["anthropic.messages", true], ["openai.chat", false]] as const
    ) {
      const model = scriptedModel([callsShot, "A page."], { provider });
      const { tool_executions } = await new Agent({ model, tools }).invoke("Look.");
      assertEquals(tool_executions[0]!.result, `The page:\n${LABEL}`);
      const [result, after] = model.calls[1]!.prompt.slice(3);
      const output = Object((result!.content as object[])[0]).output;
      if (inResult) {
        assertEquals(output, {
          type: "content",
          value: [{ type: "text", text: "The page:" }, image],
        });
        assertEquals(after, undefined);
      } else {
        assertEquals(output, { type: "text", value: `The page:\n${LABEL}` });
        assertEquals<unknown>(after, {
          role: "user",
          content: [{ type: "text", text: "The file that shot returned:" }, image],
        });
      }
    }
  });
}

test("Data that only looks like parts stays data", async () => {
  const values = [
    [{ type: "text", text: "a" }],
    [{ type: "file", name: "a.txt" }],
    [{ type: "file", url: "https://a.test/a.txt", mediaType: "text/plain" }],
    [{ type: "image", url: "https://a.test/a.png" }],
    [{ type: "image", image: PNG }, { type: "row" }],
    { type: "content", value: [{ type: "row" }] },
    [],
  ];
  for (const value of values) {
    const model = scriptedModel([callsShot, "ok"]);
    const agent = new Agent({ model, tools: tool({ name: "shot", execute: () => value }) });
    assertEquals(
      (await agent.invoke("go")).tool_executions[0]!.result,
      JSON.stringify(value, null, 2),
    );
  }
});

test("A long text beside an image is cut, the image is not", async () => {
  const work = tool({
    name: "shot",
    execute: () => [{ type: "text", text: "x".repeat(5000) }, {
      type: "image",
      image: PNG,
      mediaType: "image/png",
    }],
  });
  const model = scriptedModel([callsShot, "ok"], { provider: "anthropic.messages" });
  await new Agent({ model, tools: work, maxToolResultLength: 100 }).invoke("go");
  assertEquals(JSON.stringify(model.calls[1]!.prompt).split(PNG).length, 2);
});

test("A model that takes no images from tools is told what they were, and asked no more", async () => {
  const model = scriptedModel(({ prompt }, index) => {
    if (JSON.stringify(prompt).includes(PNG)) {
      return Object.assign(new Error("image_url is not supported"), { statusCode: 400 });
    }
    return index % 3 === 0 ? callsShot : "ok";
  });
  const agent = new Agent({ model, tools: shots["parts of ours"] });
  assertEquals((await agent.invoke("go")).message, "ok");
  assertEquals(model.calls.length, 3);
  assertEquals(JSON.stringify(model.calls[2]!.prompt).includes(LABEL), true);
  // An image of the person's own is another matter.
  const content = [{ type: "image", image: PNG, mediaType: "image/png" }];
  await assertRejects(() => agent.invoke([{ role: "user", content }]), Error, "not supported");
});

test("No event, no content and no preview has the bytes; the thread has them once", async () => {
  const bus = new EventBus({ content: true });
  const checkpointer = new MemoryCheckpointer();
  const model = scriptedModel([callsShot, "one", "two"], { provider: "anthropic.messages" });
  const agent = new Agent({ model, tools: shots["parts of ours"], checkpointer });
  const messages: ModelMessage[] = [{
    role: "user",
    content: [{ type: "text", text: "Look" }, {
      type: "file",
      data: BYTES,
      mediaType: "image/png",
    }],
  }];
  const yielded: unknown[] = [];
  await runContext({ bus, runId: "r" }, async () => {
    for await (const event of agent.run(messages, { threadId: "t" })) yielded.push(event);
  });
  const told = JSON.stringify([yielded, bus.history({ run: "r" }, { limit: 500 })]);
  assertEquals(told.includes(PNG.slice(0, 40)), false);
  assertEquals(told.includes(LABEL), true);
  assertEquals(told.includes('"type":"blob","bytes":70,"mime_type":"image/png"'), true);
  assertEquals(JSON.stringify(await checkpointer.load("t")).split(PNG).length - 1, 2);

  await agent.invoke("And?", { threadId: "t" });
  const again = JSON.stringify(model.calls[2]!.prompt);
  assertEquals(again.split(PNG).length - 1, 2);
});

test("Files of a turn that waits for a person are there when it goes on", async () => {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("Go on?") });
  const checkpointer = new MemoryCheckpointer();
  const both = { toolCalls: [...callsShot.toolCalls, { toolName: "ask", input: {} }] };
  const model = scriptedModel([both, "done"], { provider: "anthropic.messages" });
  const make = () =>
    new Agent({
      model,
      tools: [shots["parts of ours"] as never, ask],
      checkpointer,
      toolExecution: "sequential",
    });
  await make().invoke("Look", { threadId: "t" });
  for await (const _ of make().resume("yes", { threadId: "t" }));
  const output = JSON.stringify(model.calls[1]!.prompt);
  assertEquals(output.split(PNG).length - 1, 1);
  assert(output.includes('"type":"content"'));
});

test("An image whose label a hook takes out of the text is not sent", async () => {
  const model = scriptedModel(["ok"]);
  const agent = new Agent({
    model,
    hooks: [{
      onBeforeModelCall: (event) =>
        event.replaceMessages(
          event.messages.map((message) => ({
            ...message,
            content: message.content?.replace(LABEL, "(no image)") ?? null,
          })),
        ),
    }],
  });
  await agent.invoke([{
    role: "user",
    content: [{ type: "image", image: PNG, mediaType: "image/png" }],
  }]);
  const sent = JSON.stringify(model.calls[0]!.prompt);
  assertEquals([sent.includes(PNG), sent.includes("(no image)")], [false, true]);
});
