/**
 * What the agent's own loop costs a turn, beside `generateText` of the AI SDK.
 *
 * Method: the same model and the same two tools for everybody, all of which answer at once. A run has ten
 * turns with two tool calls each, with other arguments every time, and an eleventh that answers. `ns` is
 * nanoseconds a turn: the median of 11 rounds of at least 100 ms each, the contenders in turns, in changing
 * order; where the system tells, only the time of this thread counts. What the model and the tools cost themselves is in every figure, and alone in `model and tools alone`.
 * Each run has to come to the answer, with all tool calls made.
 *
 * Run alone: `deno run -A bench/agent_loop.ts`, or the same file with `bun` or `node`.
 */
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { generateText, stepCountIs, tool as sdkTool } from "ai";
import { z } from "zod";
import { runCase, verify } from "./support/case.ts";
import { collectGarbage, compare, type Contender, keepAlive } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const TURNS = 10;
const STEPS = TURNS + 1;
const Numbers = z.object({ a: z.number(), b: z.number() });

let made = 0;
const add = ({ a, b }: { a: number; b: number }): number => (made++, a + b);
const multiply = ({ a, b }: { a: number; b: number }): number => (made++, a * b);

const agentTools = [
  tool({ name: "add", description: "Adds.", parameters: Numbers, execute: add }),
  tool({ name: "multiply", description: "Multiplies.", parameters: Numbers, execute: multiply }),
];
const sdkTools = {
  add: sdkTool({ description: "Adds.", inputSchema: Numbers, execute: add }),
  multiply: sdkTool({ description: "Multiplies.", inputSchema: Numbers, execute: multiply }),
};

const contenders: [subject: string, run: (model: LanguageModelV4) => Promise<string>][] = [
  ["Locus, invoke", async (model) => (await agentOf(model).invoke("go")).message],
  ["Locus, run", (model) => answerOf(agentOf(model))],
  ["Locus, run on a bus", (model) => runContext({ bus }, () => answerOf(agentOf(model)))],
  [
    "AI SDK, generateText",
    async (model) =>
      (await generateText({ model, tools: sdkTools, prompt: "go", stopWhen: stepCountIs(STEPS) }))
        .text,
  ],
  ["(model and tools alone)", async (model) => {
    for (;;) {
      const { content } = await model.doGenerate({ prompt: [] });
      for (const part of content) {
        if (part.type === "text") return part.text;
        if (part.type !== "tool-call") continue;
        await (part.toolName === "add" ? add : multiply)(JSON.parse(part.input));
      }
    }
  }],
];
const bus = new EventBus();

await runCase("an agent's turn with two tool calls: ns a turn", async (effort) => {
  const timings = await compare(contenders.map(toContender), effort, STEPS);
  return Array.from(timings, ([subject, timing]) => ({
    subject,
    setting: "",
    figures: { ...timing },
  }));
});

function toContender([subject, run]: typeof contenders[number]): Contender {
  return {
    subject,
    async run(turns) {
      const runs = Math.ceil(turns / STEPS);
      collectGarbage();
      keepAlive(subject, run);
      made = 0;
      const elapsed = startStopwatch();
      for (let i = 0; i < runs; i++) {
        const answer = await run(createModel());
        verify(answer === "done", () => `${subject} answered ${JSON.stringify(answer)}`);
      }
      const ms = elapsed();
      verify(made === runs * TURNS * 2, () => `${subject} called ${made} tools in ${runs} runs`);
      return ms;
    },
  };
}

function agentOf(model: LanguageModelV4): Agent {
  return new Agent({ model, tools: agentTools, streaming: false });
}

async function answerOf(agent: Agent): Promise<string> {
  let answer = "";
  for await (const event of agent.run("go")) {
    if (event.event_type === "terminate") answer = event.final_message ?? "";
  }
  return answer;
}

/** Asks for two tools in each of ten turns, and then answers. */
function createModel(): LanguageModelV4 {
  let turn = 0;
  const call = (toolName: string) => ({
    type: "tool-call" as const,
    toolCallId: `${toolName}-${turn}`,
    toolName,
    input: `{"a":${turn},"b":2}`,
  });
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId: "instant",
    supportedUrls: {},
    doStream: () => Promise.reject(new Error("This model does not stream")),
    doGenerate: () =>
      Promise.resolve({
        content: turn++ < TURNS
          ? [call("add"), call("multiply")]
          : [{ type: "text" as const, text: "done" }],
        finishReason: turn <= TURNS
          ? { unified: "tool-calls", raw: "tool_calls" }
          : { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 5, noCache: 5, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 3, text: 3, reasoning: 0 },
        },
        warnings: [],
      }),
  };
}
