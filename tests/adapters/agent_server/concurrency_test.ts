import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { Agent, type LanguageModel, tool } from "@locus/core/agent";
import { type AgentServer, agentServer } from "@locus/core/agent-server";
import { MemoryCheckpointer } from "@locus/core/memory";
import { z } from "zod";
import { readAll } from "../../harness/support/read.ts";
import { ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { approve, ask, blocksOf, post, read, twoCalls } from "./_support.ts";

const KEYS = Array.from({ length: 20 }, (_, n) => `key-${n}`);

/** A model that says back what it was told last; a tool sees to it that runs take turns. */
function echoServer(): { server: AgentServer; bus: EventBus; checkpointer: MemoryCheckpointer } {
  const model: LanguageModel = {
    specificationVersion: "v4",
    provider: "test",
    modelId: "echo",
    supportedUrls: {},
    doStream: () => Promise.reject(new Error("This model does not stream")),
    doGenerate: async (options) => {
      const prompt = options.prompt.findLast(({ role }) => role === "user")!;
      const said = JSON.stringify(prompt.content).match(/word-\d+/)![0];
      await turns(Number(said.slice(5)) % 5);
      const last = options.prompt.at(-1)!;
      const reply = last.role === "tool" ? [`echo ${said}`] : [toolCall(said, "turn", { said })];
      return await new ScriptedModel(reply).doGenerate(options);
    },
  };
  const turn = tool({
    name: "turn",
    parameters: z.object({ said: z.string() }),
    execute: async ({ said }) => {
      await turns(3);
      return said;
    },
  });
  const checkpointer = new MemoryCheckpointer();
  const bus = new EventBus({ maxRunsRetained: 2_000 });
  const agent = new Agent({ model, tools: turn, checkpointer, streaming: false });
  const server = agentServer({ agent, apiKeys: KEYS, bus, maxRuns: 2_000 });
  return { server, bus, checkpointer };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
}

test("a thousand interleaved requests of twenty principals never mix", async () => {
  const { server, bus } = echoServer();
  const ids = new Set<unknown>();
  await Promise.all(Array.from({ length: 1_000 }, async (_, n) => {
    const key = KEYS[n % KEYS.length]!;
    const path = n % 3 === 0 ? "/stream" : "/invoke";
    // Fifty threads of each principal, of the same names.
    const response = await post(server, path, {
      prompt: `word-${n}`,
      thread_id: `t${Math.floor(n / KEYS.length)}`,
    }, key);
    const runId = response.headers.get("Locus-Run-Id");
    ids.add(runId);
    if (path === "/invoke") {
      const { body } = await read(response);
      assertEquals([body.message, body.tool_calls, body.run_id], [`echo word-${n}`, 1, runId]);
    } else {
      const blocks = await blocksOf(response);
      assertEquals(blocks.find(({ type }) => type === "tool_complete")!.data.result, `word-${n}`);
      assertEquals(blocks.at(-2)!.data.final_message, `echo word-${n}`);
    }
    const [started] = (await readAll(bus.subscribe(runId!))).filter(({ event_type }) =>
      event_type === "agent.tool.started"
    );
    assertEquals(started!.data.span_id, `word-${n}`);
  }));
  assertEquals(ids.size, 1_000);
  for (const n of [0, 19, 20, 999]) {
    const key = KEYS[n % KEYS.length]!;
    const path = `/threads/t${Math.floor(n / KEYS.length)}`;
    const { body } = await read(ask(server, "GET", path, { key }));
    const words = new Set(JSON.stringify(body).match(/word-\d+/g));
    assertEquals([...words], [`word-${n}`]);
  }
});

test("cancelling one run touches no other", async () => {
  const { server } = echoServer();
  const responses = await Promise.all(
    Array.from(
      { length: 20 },
      (_, n) => post(server, "/stream", { prompt: `word-${n}` }, KEYS[n]!),
    ),
  );
  const victim = responses[7]!.headers.get("Locus-Run-Id");
  await read(ask(server, "DELETE", `/runs/${victim}`, { key: KEYS[7] }));
  const reasons = await Promise.all(
    responses.map(async (response) => (await blocksOf(response)).at(-2)!.data.reason),
  );
  assertEquals(reasons.map((reason) => reason === "cancelled"), reasons.map((_, n) => n === 7));
});

test("property: however a run is read and left, what was read is whole and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ after: fc.nat(12), reads: fc.nat(3) }), { maxLength: 6 }),
      async (visits) => {
        const agent = new Agent({
          model: new ScriptedModel([toolCall("q", "approve", {})], ...twoCalls.slice(1)),
          tools: approve,
          streaming: false,
        });
        const server = agentServer({ agent, allowUnauthenticated: true, heartbeatMs: 10 });
        const response = await post(server, "/stream", { prompt: "p" });
        const path = `/runs/${response.headers.get("Locus-Run-Id")}/stream`;
        const owner = blocksOf(response);
        let question: string | undefined;
        for (const { after, reads } of visits) {
          const visit = await ask(server, "GET", `${path}?after=${after}`);
          const reader = visit.body?.getReader();
          for (let i = 0; i < reads; i++) await reader?.read();
          await reader?.cancel();
        }
        const shown = await ask(server, "GET", path);
        const text = shown.body!.pipeThrough(new TextDecoderStream()).getReader();
        for (let seen = ""; question === undefined;) {
          const { value = "", done } = await text.read();
          assert(!done);
          seen += value;
          question = seen.match(/"interrupt_id":"(\w+)"/)?.[1];
        }
        await text.cancel();
        await read(post(server, "/resume", { interrupt_id: question, response: "y" }));
        const blocks = await owner;
        assertEquals(blocks.map(({ id }) => id), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        assertEquals(blocks.at(-1)!.type, "bus.end");
        for (let after = 0; after < 8; after++) {
          const rest = await blocksOf(ask(server, "GET", `${path}?after=${after}`));
          assertEquals(rest, blocks.slice(after));
        }
      },
    ),
    { numRuns: 20 },
  );
});
