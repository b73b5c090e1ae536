import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, getEventBus, runContext, withSpan } from "@locus/core";
import { EventBusHook, LoggingHook, tool } from "@locus/core/agent";
import { eventStreamResponse } from "@locus/core/sse";
import { ConsoleHandler, consoleLines, handleStream, jsonLines } from "../../src/consumers/mod.ts";
import { z } from "zod";
import { agentOf } from "../agent/_support.ts";
import { traced } from "../bridges/_otel.ts";
import { requires } from "../harness/support/requires.ts";
import { toolCall } from "../harness/support/scripted_model.ts";

const CORE = "Zq7".repeat(12);

const secrets = [
  `sk-ant-api03-${CORE}`,
  `Bearer ${CORE}`,
  `eyJ${CORE}.${CORE}.${CORE}`,
  `AKIA${CORE.toUpperCase().slice(0, 20)}`,
  `password=${CORE}`,
];

test(
  "security: a secret that the edge of a preview cuts is in no history, stream, log or trace",
  await requires("async-context"),
  async () => {
    for (const secret of secrets) {
      for (const before of [200, 225, 233, 239]) {
        const text = `${"x".repeat(before)} ${secret} and more`;
        const everywhere = await whatIsSeenOf(text);
        assertEquals(/\w\.\.\.\w|\[REDACTED\]/.test(everywhere), true);
        const found = /Zq7Zq7Zq7|ZQ7ZQ7ZQ7/.exec(everywhere)?.index ?? -1;
        assertEquals(
          everywhere.slice(found, found < 0 ? 0 : found + 40),
          "",
          `${secret} ${before}`,
        );
      }
    }
  },
);

test(
  "E: a secret in the name of a tool's argument is in no event and no record",
  await requires("async-context"),
  async () => {
    const seen: unknown[] = [];
    const log = new LoggingHook({ logger: (_level, _message, fields) => seen.push(fields) });
    const args = { [`postgres://ada:${CORE}@db/shop`]: 1, plain: 2 };
    const { agent } = agentOf([[toolCall("c1", "echo", args)], ["done"]], {
      hooks: [log, new EventBusHook("copy")],
      tools: [tool({ name: "echo", parameters: z.looseObject({}), execute: () => "ok" })],
    });
    const bus = new EventBus();
    await runContext({ runId: "r", bus }, () => agent.invoke("go"));
    seen.push(bus.history(), getEventBus().history({ run: "copy" }));
    const text = JSON.stringify(seen);
    assertEquals(text.includes("Zq7Zq7"), false);
    assertEquals(text.match(/"arg(?:ument)?_keys":\["plain","\[REDACTED\]"\]/g)?.length, 3);
  },
);

/** Everything that a run says whose tools, model and errors all say `text`. */
async function whatIsSeenOf(text: string): Promise<string> {
  const seen: string[] = [];
  const otel = traced({ recordContent: true });
  const { bus } = otel;
  const logs = [
    jsonLines(bus, (line) => void seen.push(line)),
    consoleLines(bus, { level: "debug", write: (line) => seen.push(line) }),
  ];
  const log = new LoggingHook({
    logArguments: true,
    logResults: true,
    logger: (_level, _message, fields) => seen.push(JSON.stringify(fields)),
  });
  const { agent } = agentOf(
    [
      [text, toolCall("c1", "echo", { text }), toolCall("c2", "fail", { text })],
      [{ deltas: text.match(/.{1,7}/g)! }],
    ],
    {
      streaming: true,
      hooks: [log],
      tools: [
        tool({
          name: "echo",
          parameters: z.object({ text: z.string() }),
          execute: ({ text }) => withSpan("echo", () => text),
        }),
        tool({
          name: "fail",
          parameters: z.object({ text: z.string() }),
          execute({ text }) {
            throw new Error(text);
          },
        }),
      ],
    },
  );
  await runContext({ runId: "r", bus }, () =>
    handleStream(
      agent.run(text),
      new ConsoleHandler({ showToolArgs: true, output: (piece) => seen.push(piece) }),
    ));
  bus.closeStream("r");
  seen.push(JSON.stringify(bus.history({}, { limit: 1000 })));
  seen.push(await eventStreamResponse(bus.subscribe("r")).text());
  for (const stop of logs) stop();
  await Promise.all(logs.map(({ done }) => done));
  const { spans } = await otel.end();
  for (const { attributes, events, status } of spans) {
    seen.push(JSON.stringify({ attributes, status, events: events.map((one) => one.attributes) }));
  }
  // What the model wrote is seen in pieces as well.
  seen.push(
    bus.history("agent.model.chunk", { limit: 1000 }).toReversed()
      .map(({ data }) => data.content_preview).join(""),
  );
  return seen.join("\n");
}
