import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Agent, type AgentOptions } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { MemoryCheckpointer } from "@locus/core/memory";
import { follow } from "../../harness/support/event_source.ts";
import { type Script, ScriptedModel } from "../../harness/support/scripted_model.ts";
import {
  ADA,
  approve,
  ask,
  blocksOf,
  BOB,
  gatedTool,
  oneQuestion,
  oneWait,
  post,
  principalOf,
  read,
  serverOf,
  toBlocks,
} from "./_support.ts";

/** A server whose agent keeps threads. */
function threadsOf(script: readonly Script[], agentOptions: Partial<AgentOptions> = {}) {
  const checkpointer = new MemoryCheckpointer();
  return { checkpointer, ...serverOf({ script, agentOptions: { checkpointer, ...agentOptions } }) };
}

const gone = { status: 404, body: { error: "Not found" } };

test("a thread remembers, and is shown to its owner", async () => {
  const { server, model } = threadsOf([["Hello Ada"], ["Ada"]]);
  for (const prompt of ["I am Ada", "Who am I?"]) {
    const { body } = await read(post(server, "/invoke", { prompt, thread_id: "t" }));
    assertEquals(body.thread_id, "t");
    assertEquals(body.iterations, 1);
  }
  const roles = model.calls[1]!.prompt.map(({ role }) => role);
  assertEquals(roles, ["system", "user", "assistant", "user"]);
  const { status, body } = await read(ask(server, "GET", "/threads/t"));
  const messages = body.messages as { content: string }[];
  assertEquals(status, 200);
  assertEquals(Object.keys(body).sort(), [
    "interrupt",
    "iteration",
    "messages",
    "metadata",
    "thread_id",
    "tool_executions",
  ]);
  assertEquals([body.thread_id, body.interrupt, body.tool_executions], ["t", null, []]);
  assertEquals(messages.slice(1).map(({ content }) => content), [
    "I am Ada",
    "Hello Ada",
    "Who am I?",
    "Ada",
  ]);
});

test("a thread is stored under its principal, and nobody else has one of that name", async () => {
  const { server, checkpointer } = threadsOf([["to ada"], ["to bob"]]);
  await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }, ADA));
  assertEquals(await read(ask(server, "GET", "/threads/t", { key: BOB })), gone);
  const deleted = await read(ask(server, "DELETE", "/threads/t", { key: BOB }));
  assertEquals(deleted.body, { thread_id: "t", deleted: false });
  await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }, BOB));
  for (const [key, said] of [[ADA, "to ada"], [BOB, "to bob"]] as const) {
    const { body } = await read(ask(server, "GET", "/threads/t", { key }));
    const messages = body.messages as { content: string }[];
    assertEquals(messages.map(({ content }) => content).slice(1), ["p", said]);
    assertEquals((await checkpointer.load(`${await principalOf(key)}:t`)) === null, false);
  }
});

test("no name of a thread reaches another principal's", async () => {
  const { server } = threadsOf([["secret"]]);
  await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }, ADA));
  const ada = await principalOf(ADA);
  for (const name of [`${ada}:t`, `..%2F${ada}:t`, `%2e%2e`, `t%00`, "a%0d%0aSet-Cookie:x"]) {
    const response = await ask(server, "GET", `/threads/${name}`, { key: BOB });
    assertEquals([404, 422].includes(response.status), true, name);
    assertEquals((await response.text()).includes("secret"), false);
    assertEquals(response.headers.has("Set-Cookie"), false);
  }
});

test("DELETE /threads/:id forgets a thread, and says whether there was one", async () => {
  const { server } = threadsOf([["ok"]]);
  await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }));
  const forget = () => read(ask(server, "DELETE", "/threads/t"));
  assertEquals(await forget(), { status: 200, body: { thread_id: "t", deleted: true } });
  assertEquals(await read(ask(server, "GET", "/threads/t")), gone);
  assertEquals(await forget(), { status: 200, body: { thread_id: "t", deleted: false } });
});

test("without a checkpointer there are no threads", async () => {
  const { server } = serverOf({});
  assertEquals(await read(ask(server, "GET", "/threads/t")), gone);
  assertEquals(await read(ask(server, "DELETE", "/threads/t")), gone);
});

test("a second run of a thread is answered 409 while the first is under way", async () => {
  const { wait, started, open } = gatedTool();
  const { server } = threadsOf([...oneWait, ["other"], ["next"]], { tools: wait });
  const body = { prompt: "p", thread_id: "t" };
  const first = post(server, "/invoke", body);
  await started;
  const busy = { status: 409, body: { error: "A run of this thread is under way" } };
  assertEquals(await read(post(server, "/invoke", body)), busy);
  assertEquals(await read(post(server, "/stream", body)), busy);
  assertEquals(await read(ask(server, "DELETE", "/threads/t")), busy);
  open();
  assertEquals((await read(first)).body.message, "done");
  assertEquals((await read(post(server, "/invoke", body))).body.message, "other");
});

test("a thread that is in use outside of the server is answered 409", async () => {
  const { wait, started, open } = gatedTool();
  const checkpointer = new MemoryCheckpointer();
  const agent = new Agent({
    model: new ScriptedModel(...oneWait),
    tools: wait,
    checkpointer,
    streaming: false,
  });
  const server = agentServer({ agent, allowUnauthenticated: true, onError() {} });
  const outside = agent.invoke("p", { threadId: "anon:t" });
  await started;
  const answer = await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }));
  assertEquals(answer.status, 409);
  open();
  await outside;
});

test("whoever has the last event may go on at once", async () => {
  const saving = Promise.withResolvers<void>();
  const { server } = threadsOf([["one"], ["two"]], {
    hooks: [{ name: "slow", onAfterInvocation: () => saving.promise }],
  });
  const reader = follow(await post(server, "/stream", { prompt: "p", thread_id: "t" }));
  await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "terminate");
  const next = post(server, "/invoke", { prompt: "p", thread_id: "t" });
  saving.resolve();
  assertEquals((await read(next)).body.message, "two");
  await reader.readAll();
});

test("a question is answered after a restart, by its thread", async () => {
  const checkpointer = new MemoryCheckpointer();
  const before = serverOf({
    script: [oneQuestion[0]!],
    agentOptions: { tools: approve, checkpointer },
  });
  const { body } = await read(post(before.server, "/invoke", { prompt: "p", thread_id: "t" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };

  const { server } = serverOf({
    script: [oneQuestion[1]!],
    agentOptions: { tools: approve, checkpointer },
  });
  const shown = await read(ask(server, "GET", "/threads/t"));
  assertEquals(shown.body.interrupt, body.interrupt);
  const answer = { interrupt_id, response: "y", thread_id: "t" };
  const none = { status: 404, body: { error: "No run waits for this answer" } };
  assertEquals(await read(post(server, "/resume", answer, BOB)), none);
  assertEquals(await read(post(server, "/resume", { interrupt_id, response: "y" })), none);
  assertEquals(await read(post(server, "/resume", { ...answer, interrupt_id: "int_1" })), none);
  const blocks = await blocksOf(post(server, "/resume", { ...answer, stream: true }));
  assertEquals(blocks.map(({ type }) => type), [
    "tool_complete",
    "model_complete",
    "think",
    "terminate",
    "bus.end",
  ]);
  assertEquals(await read(post(server, "/resume", answer)), none);
  assertEquals((await read(ask(server, "GET", "/threads/t"))).body.interrupt, null);
});

test("in the same process, the thread's run goes on under its id", async () => {
  const { server } = threadsOf(oneQuestion, { tools: approve });
  const { body } = await read(post(server, "/invoke", { prompt: "p", thread_id: "t" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const wrong = { interrupt_id, response: "y", thread_id: "other" };
  assertEquals((await read(post(server, "/resume", wrong))).status, 404);
  const both = await Promise.all(
    [1, 2].map(() =>
      read(post(server, "/resume", { interrupt_id, response: "y", thread_id: "t" }))
    ),
  );
  const [answered] = both.filter(({ status }) => status === 200);
  assertEquals(both.filter(({ status }) => status === 200).length, 1);
  assertEquals([answered!.body.run_id, answered!.body.message], [body.run_id, "Thank you"]);
});

test("a new prompt abandons the question, and ends the stream that waited for its answer", async () => {
  const { server } = threadsOf([oneQuestion[0]!, ["something else"]], { tools: approve });
  const reader = follow(await post(server, "/stream", { prompt: "p", thread_id: "t" }));
  await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "interrupt");
  const { interrupt_id } = toBlocks(reader).at(-1)!.data;
  const next = await read(post(server, "/invoke", { prompt: "never mind", thread_id: "t" }));
  assertEquals(next.body.message, "something else");
  await reader.readAll();
  assertEquals(toBlocks(reader).at(-1)!.type, "bus.end");
  const answer = { interrupt_id, response: "y", thread_id: "t" };
  assertEquals((await read(post(server, "/resume", answer))).status, 404);
});

test("an agent that lost the tool that asked is answered 409, and the thread still asks", async () => {
  const checkpointer = new MemoryCheckpointer();
  const before = serverOf({
    script: [oneQuestion[0]!],
    agentOptions: { tools: approve, checkpointer },
  });
  const { body } = await read(post(before.server, "/invoke", { prompt: "p", thread_id: "t" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const { server, errors } = serverOf({ agentOptions: { checkpointer } });
  const answer = await read(
    post(server, "/resume", { interrupt_id, response: "y", thread_id: "t" }),
  );
  assertEquals(answer.status, 409);
  assertEquals(errors.length, 1);
  assertEquals((await read(ask(server, "GET", "/threads/t"))).body.interrupt, body.interrupt);
});

test("a store that fails is answered 500, and nothing of it is told", async () => {
  const { server, errors } = serverOf({
    agentOptions: {
      checkpointer: {
        backend: "broken",
        save: () => Promise.reject(new Error("secret")),
        load: () => Promise.reject(new Error("secret")),
        listCheckpoints: () => Promise.reject(new Error("secret")),
        delete: () => Promise.reject(new Error("secret")),
      },
    },
  });
  for (const method of ["GET", "DELETE"]) {
    const { status, body } = await read(ask(server, method, "/threads/t"));
    assertEquals([status, body.error], [500, "internal error"]);
    assertEquals(JSON.stringify(body).includes("secret"), false);
  }
  assertEquals(errors.length, 2);
});
