/** Two servers on one bus of tasks: the one that begins later wins, and the other can add nothing. */
import { test } from "node:test";
import { EventBus } from "@locus/core";
import { isTerminal, type TaskState } from "@locus/core/a2a";
import { tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import fc from "../harness/support/property.ts";
import { makeFolder } from "../transports/sqlite/folder.ts";
import {
  call,
  gate,
  type Json,
  message,
  oneQuestion,
  post,
  readFrames,
  send,
  serverOf,
  type Setup,
} from "./_support.ts";

/** What is stored of a task, oldest first. */
async function logOf(tasks: Pick<EventBus, "history">, id: string): Promise<Json[]> {
  const events = await tasks.history({ run: id }, { limit: 1000 });
  return events.toReversed().map(({ data }) => data);
}

const statesOf = (log: Json[]) => log.map(({ state }) => state).filter((state) => state !== null);

test("A task that is taken over ends where it was taken from: as an error, as a stream, and on the bus", async () => {
  const folder = makeFolder();
  try {
    await using tasks = sqliteBus({ path: folder.file });
    await using others = sqliteBus({ path: folder.file });
    const { turn, begun, open } = gate("too late");
    const first = serverOf([turn], {}, { tasks });
    const answer = post(first, "SendMessage", { message: message("x") });
    await begun;
    const [{ id }] = (await call(first, "ListTasks", {})).tasks;
    const stream = readFrames(await post(first, "SubscribeToTask", { id }));

    const second = serverOf([], {}, { tasks: others });
    assertEquals((await call(second, "GetTask", { id })).status.state, "TASK_STATE_FAILED");
    open();
    assertEquals((await (await answer).json()).error.code, -32001);
    assertEquals((await stream).map(({ data }) => Object.keys(data)[0]), ["task"]);
    assertEquals((await call(first, "GetTask", { id })).code, -32001);
    assertMatch(`${first.errors}`, /Another server has taken over/);
    await tasks.flushed();
    assertEquals(statesOf(await logOf(others as Json, id)), [
      "TASK_STATE_WORKING",
      "TASK_STATE_FAILED",
    ]);
  } finally {
    folder.remove();
  }
});

test("Of two servers that are both given the answer, the one that has the task works on it", async () => {
  const tasks = new EventBus();
  const checkpointer = new MemoryCheckpointer();
  let approved = 0;
  const approve = tool({
    name: "approve",
    parameters: z.object({}),
    execute: (_, { interrupt }) => `${interrupt({ question: "ok?" })} ${++approved}`,
  });
  const agent = { checkpointer, tools: [approve] };
  const first = serverOf([...oneQuestion, "of the first"], agent, { tasks });
  const { id: taskId } = await send(first, "x");
  const second = serverOf(["of the second"], agent, { tasks });
  await call(second, "GetTask", { id: taskId });
  const answers = await Promise.all(
    [first, second].map((setup) =>
      call(setup, "SendMessage", { message: message("y", { taskId }) })
    ),
  );
  assertEquals(answers.map(({ code, task }) => code ?? task.status.state), [
    -32001,
    "TASK_STATE_COMPLETED",
  ]);
  assertEquals(approved, 1);
});

test("A server that makes room does not forget what another has taken over", async () => {
  const tasks = new EventBus();
  const checkpointer = new MemoryCheckpointer();
  const first = serverOf([...oneQuestion, "b"], { checkpointer }, { tasks, maxTasksRetained: 1 });
  const { id } = await send(first, "x");
  const second = serverOf([], { checkpointer }, { tasks });
  await call(second, "GetTask", { id });
  await send(first, "y");
  await send(first, "z");
  await first.server.close();
  assertEquals(statesOf(await logOf(tasks, id)).at(-1), "TASK_STATE_INPUT_REQUIRED");
});

test("Whatever several servers do with the tasks of one bus, each log is that of one server at a time", async () => {
  const step = fc.record({
    at: fc.nat(),
    what: fc.constantFrom("begin", "send", "send", "answer", "cancel", "open"),
  });
  const steps = fc.array(step, { minLength: 4, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const tasks = new EventBus();
      const checkpointer = new MemoryCheckpointer();
      const gates: (() => void)[] = [];
      const servers: Setup[] = [];
      const begin = () => {
        const turns = Array.from({ length: 8 }, (_, i) => {
          const { turn, open } = gate("done");
          gates.push(open);
          return i % 2 === 0 ? oneQuestion[0]! : turn;
        });
        servers.push(serverOf(turns, { checkpointer }, { tasks }));
      };
      begin();
      const pending: Promise<unknown>[] = [];
      for (const { at, what } of steps) {
        const server = servers[at % servers.length]!;
        const ids = (await tasks.runs()).map(({ run_id: id }) => id);
        const id = ids[at % ids.length];
        if (what === "begin" && servers.length < 4) begin();
        if (what === "send") await send(server, "x", {}, { returnImmediately: true });
        if (what === "open") gates[at % gates.length]!();
        if (id === undefined) continue;
        if (what === "answer") {
          pending.push(call(server, "SendMessage", { message: message("y", { taskId: id }) }));
        }
        if (what === "cancel") pending.push(call(server, "CancelTask", { id }));
      }
      gates.forEach((open) => open());
      await Promise.all(pending);
      await Promise.all(servers.map(({ server }) => server.close()));
      for (const { run_id: id } of await tasks.runs()) {
        const log = await logOf(tasks, id);
        assertEquals(log.map(({ n }) => n), log.map((_, i) => i + 1));
        const ends = statesOf(log).map((state: TaskState) => isTerminal(state));
        assertEquals(ends.slice(0, -1).includes(true), false);
      }
    }),
    { numRuns: 40 },
  );
});
