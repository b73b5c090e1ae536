import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { MemoryCheckpointer } from "@locus/core/memory";
import { ScriptedModel } from "../../harness/support/scripted_model.ts";
import { serverKinds } from "../../harness/support/serve.ts";
import {
  ADA,
  add,
  ask,
  blocksOf,
  post,
  principalOf,
  read,
  serverOf,
  twoCalls,
} from "./_support.ts";

for (const kind of serverKinds) {
  test(`acceptance 37, ${kind.name}: keys, numbers, threads, names, and no text of an error`, async () => {
    const checkpointer = new MemoryCheckpointer();
    const { server: app } = serverOf({
      script: [...twoCalls, ...twoCalls, new Error("secret")],
      agentOptions: { tools: add, checkpointer },
    });
    const server = await kind.serve({ fetch: (request) => app.fetch(request) });
    const { url } = server;
    const body = { prompt: "add", thread_id: "t" };
    try {
      assertEquals((await read(ask(url, "POST", "/invoke", { key: null, body }))).status, 401);
      assertEquals((await read(ask(url, "POST", "/invoke", { key: "wrong", body }))).status, 401);

      const invoked = await read(post(url, "/invoke", body));
      const { message, success, stop_reason, iterations, tool_calls } = invoked.body;
      assertEquals({ message, success, stop_reason, iterations, tool_calls }, {
        message: "3 and 7",
        success: true,
        stop_reason: "complete",
        iterations: 2,
        tool_calls: 2,
      });

      assert((await checkpointer.load(`${await principalOf(ADA)}:t`)) !== null);
      assertEquals((await read(ask(url, "GET", "/threads/t"))).body.thread_id, "t");

      const blocks = await blocksOf(post(url, "/stream", { prompt: "add" }));
      const types = new Set(blocks.map(({ type }) => type));
      assertEquals([...types].sort(), [
        "bus.end",
        "model_complete",
        "terminate",
        "think",
        "tool_complete",
        "tool_start",
      ]);

      const failed = await (await post(url, "/stream", { prompt: "add" })).text();
      assert(/event: bus\.error\n/.test(failed), failed);
      assert(!/secret|event: error/.test(failed), failed);
    } finally {
      await app.close();
      await server.close();
    }
  });
}

test('acceptance 37: listen({ hostname: "0.0.0.0" }) without a key throws', () => {
  const agent = new Agent({ model: new ScriptedModel() });
  assertThrows(
    () => agentServer({ agent }).listen({ hostname: "0.0.0.0", serve: () => assert(false) }),
    Error,
    "Cannot listen on 0.0.0.0",
  );
});
