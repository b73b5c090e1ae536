/** Tasks that outlive their server: the logs are in a file. */
import { test } from "node:test";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type A2AServerOptions, foldTask, type Message, type Task } from "@locus/core/a2a";
import { type Bus, EventBus } from "@locus/core";
import type { AgentOptions } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import type { Turn } from "@locus/core/testing";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { keyOf } from "../../src/a2a/server/operations.ts";
import { UPDATED } from "../../src/a2a/server/task_log.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { RUNTIME } from "../transports/processes.ts";
import { makeFolder } from "../transports/sqlite/folder.ts";
import {
  ADA,
  BOB,
  call,
  gate,
  message,
  oneQuestion,
  post,
  readFrames,
  RESUME,
  send,
  serverOf,
  type Setup,
  textOf,
} from "./_support.ts";

type Start = (
  turns: readonly Turn[],
  agent?: Partial<AgentOptions>,
  options?: Partial<A2AServerOptions>,
) => Setup;

/** Servers one after the other, over the same file: each call ends the one before as a death would, without a word. */
async function withServers(
  body: (next: (...of: Parameters<Start>) => Promise<Setup>) => Promise<void>,
) {
  const folder = makeFolder();
  let bus: ReturnType<typeof sqliteBus> | undefined;
  try {
    await body(async (turns, agent, options) => {
      await bus?.close();
      bus = sqliteBus({ path: folder.file, onError() {} });
      return serverOf(turns, agent, { tasks: bus, ...options });
    });
  } finally {
    await bus?.close();
    folder.remove();
  }
}

const resume = (id: string) => ({ headers: { "A2A-Extensions": RESUME, "Last-Event-ID": id } });

test("A task that is over is the same after a restart, and its stream goes on anywhere", async () => {
  await withServers(async (next) => {
    const text = ["a".repeat(5000), "b".repeat(5000), "c"];
    const before = await next([{ text }, "two"]);
    const whole = await readFrames(
      await post(before, "SendStreamingMessage", { message: message("x", { contextId: "c" }) }),
    );
    const { id } = whole[0]!.data.task;
    await send(before, "y");
    const told = await call(before, "GetTask", { id });
    const page = await call(before, "ListTasks", { includeArtifacts: true });

    const after = await next([]);
    assertEquals(await call(after, "GetTask", { id }), told);
    assertEquals(await call(after, "ListTasks", { includeArtifacts: true }), page);
    for (const [i, frame] of whole.entries()) {
      const frames = await readFrames(
        await post(after, "SubscribeToTask", { id }, resume(frame.id)),
      );
      assertEquals(frames.slice(1), whole.slice(i + 1));
    }
    assertEquals((await call(after, "GetTask", { id }, { key: BOB })).code, -32001);
  });
});

test("A task whose server stopped while the agent worked is FAILED, and says why", async () => {
  await withServers(async (next) => {
    const { turn, begun } = gate("never");
    const before = await next([turn]);
    const { id } = await send(before, "x", {}, { returnImmediately: true });
    await begun;
    const cursor = await readFrames(await post(before, "SubscribeToTask", { id }), 1);

    const after = await next([]);
    const frames = await readFrames(
      await post(after, "SubscribeToTask", { id }, resume(cursor[0]!.id)),
    );
    assertEquals(frames.length, 2);
    const { state, message } = frames[1]!.data.statusUpdate.status;
    assertEquals(state, "TASK_STATE_FAILED");
    assertMatch(message.parts[0].text, /server stopped/);
    const [completed] = after.bus.history({ run: id, type: "run.completed" });
    assertEquals([completed?.data.outcome, completed?.data.error], [
      "error",
      "The server stopped while the agent worked on the task",
    ]);
    assertEquals((await call(await next([]), "GetTask", { id })).status.state, state);
  });
});

test("A question survives with the agent's thread, and is answered after the restart", async () => {
  await withServers(async (next) => {
    const checkpointer = new MemoryCheckpointer();
    const asked = await send(await next(oneQuestion, { checkpointer }), "x");
    const after = await next(["Thank you"], { checkpointer });
    const task = await send(after, "y", { taskId: asked.id });
    assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "Thank you"]);
    assertEquals(task.history?.length, 4);
  });
});

test("A question of an agent that keeps no thread is lost with it", async () => {
  await withServers(async (next) => {
    const { id } = await send(await next(oneQuestion), "x");
    const after = await next(["Thank you"]);
    assertEquals((await call(after, "GetTask", { id })).status.state, "TASK_STATE_FAILED");
  });
});

test("A message that is sent again after a restart gives the same task", async () => {
  await withServers(async (next) => {
    const params = { message: message("x") };
    const { task } = await call(await next(["1"]), "SendMessage", params);
    const again = await call(await next(["2"]), "SendMessage", params);
    assertEquals(again.task, task);
  });
});

test("An answer that nobody worked on when the server stopped can be sent again", async () => {
  const folder = makeFolder();
  const checkpointer = new MemoryCheckpointer();
  const params = { message: message("y", { taskId: "" }) };
  {
    await using tasks = sqliteBus({ path: folder.file });
    const before = serverOf(oneQuestion, { checkpointer }, { tasks });
    const asked = await send(before, "x");
    Object.assign(params.message, { taskId: asked.id });
    const last = await newestOf(tasks, asked.id);
    // As `SendMessage` notes it before the agent is asked.
    const key = keyOf(`${last.owner}`, params.message as Message);
    const json = JSON.stringify({ message: { ...params.message, contextId: asked.contextId } });
    const data = { ...last, n: Number(last.n) + 1, json, state: null, key };
    tasks.writer(asked.id).write(UPDATED, data);
  }
  await using tasks = sqliteBus({ path: folder.file });
  const after = serverOf(["Thank you"], { checkpointer }, { tasks });
  const { task } = await call(after, "SendMessage", params);
  assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "Thank you"]);
  await tasks.close();
  folder.remove();
});

test("A task that is spoiled in the store takes no other with it", async () => {
  await using tasks = sqliteBus({ path: ":memory:" });
  const before = serverOf(["1", "2"], {}, { tasks });
  const ids = [(await send(before, "x")).id, (await send(before, "y")).id];
  const last = await newestOf(tasks, ids[0]!);
  for (
    const json of ['{"task":{}}', '{"task":null}', '{"statusUpdate":1}', '{"artifactUpdate":{}}']
  ) {
    const data = { ...last, n: 1e9, json };
    const start = { ...data, n: 1, json: '{"task":{"id":"z","contextId":"c","status":{}}}' };
    const runId = `spoiled-${json.length}`;
    for (const one of [start, data]) tasks.writer(runId).write(UPDATED, one);
  }
  await tasks.flushed();
  const after = serverOf([], {}, { tasks });
  for (const id of ids) assertEquals((await call(after, "GetTask", { id })).id, id);
});

async function newestOf(tasks: Bus, run: string): Promise<Record<string, unknown>> {
  const [last] = await tasks.history({ run });
  return { ...last!.data };
}

test("A server that closes leaves finished and waiting tasks to the next one", async () => {
  await withServers(async (next) => {
    const checkpointer = new MemoryCheckpointer();
    const before = await next(["1", ...oneQuestion], { checkpointer });
    const done = await send(before, "x");
    const asked = await send(before, "y");
    await before.server.close();
    const after = await next([], { checkpointer });
    for (const task of [done, asked]) {
      assertEquals(await call(after, "GetTask", { id: task.id }), task);
    }
  });
});

test("Updates that are larger than an event of the store are whole after a restart", async () => {
  await withServers(async (next) => {
    const text = "x\u{1F600}".repeat(200_000);
    const before = await next([text]);
    const { id } = await send(before, "x");
    const task: Task = await call(await next([]), "GetTask", { id });
    assertEquals(textOf(task), text);
  });
});

test("Tasks beyond what is retained are forgotten in the store, too", async () => {
  await withServers(async (next) => {
    const few = { maxTasksRetained: 2 };
    const before = await next(["1", "2", "3", "4"], {}, few);
    const ids = [];
    for (const text of ["a", "b", "c", "d"]) ids.push((await send(before, text)).id);
    const { tasks } = await call(await next([], {}, few), "ListTasks", {});
    assertEquals(tasks.map(({ id }: Task) => id).sort(), ids.slice(2).sort());
  });
});

for (const limit of [1, 6, 11]) {
  test(`A server that is killed after ${limit} frames: what was seen, and what is missing, is right`, async () => {
    const folder = makeFolder();
    try {
      const seen = await readFrames(new Response(await frameTexts(folder.file, limit)));
      assertEquals(seen.length, limit);
      await using tasks = sqliteBus({ path: folder.file, onError() {} });
      const setup = serverOf([], {}, { tasks });
      const { id } = seen[0]!.data.task;
      const task: Task = await call(setup, "GetTask", { id });
      assertMatch(task.status.state, /^TASK_STATE_(FAILED|COMPLETED)$/);
      const rest = await readFrames(
        await post(setup, "SubscribeToTask", { id }, resume(seen.at(-1)!.id)),
      );
      const [first] = rest;
      // Nothing that was seen is lost.
      assertEquals(first!.data.task.metadata, undefined);
      const updates = [...seen, ...rest.slice(1)].map(({ data }) => data);
      assertEquals(
        updates.reduce<Task | undefined>(foldTask, undefined)?.artifacts,
        task.artifacts,
      );
    } finally {
      folder.remove();
    }
  });
}

/** What a process printed of a stream until it was killed. */
function frameTexts(path: string, limit: number): Promise<string> {
  const [command = "", ...args] = [...RUNTIME, "tests/a2a/_process.ts", path, ADA, `${limit}`];
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: ROOT, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (error?.signal === "SIGKILL") resolve(stdout);
      else reject(new Error(`It was not killed: ${stderr}`));
    });
  });
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("The bus of the runs cannot keep the tasks as well", () => {
  const bus = new EventBus();
  assertThrows(() => serverOf([], {}, { bus, tasks: bus }), TypeError, '"tasks"');
});
