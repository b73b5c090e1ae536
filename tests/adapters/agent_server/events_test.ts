/** The events of a served run, as those of any run: the wire and the ids that `followRun()` reads. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { type FollowOptions, followRun } from "@locus/core/client";
import type { AgentServer } from "../../../src/adapters/agent_server.ts";
import {
  ADA,
  add,
  approve,
  ask,
  BOB,
  oneQuestion,
  post,
  read,
  serverOf,
  twoCalls,
} from "./_support.ts";

/** The types of what a follower of a run is given, to its end, and the ids. */
async function followed(
  server: AgentServer,
  path: string,
  options: FollowOptions = {},
): Promise<{ types: string[]; ids: string[] }> {
  const following = followRun(`http://agent${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${ADA}` },
    fetch: async (url, init) => await server.request(url, init),
  });
  const [types, ids]: [string[], string[]] = [[], []];
  for await (const { event_type, event_id } of following) {
    types.push(event_type);
    ids.push(event_id);
  }
  return { types, ids };
}

for (const bus of [undefined, new EventBus()]) {
  test(`GET /runs/:run_id/events is the run ${bus ? "on the bus" : "without a bus"}`, async () => {
    const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add }, bus });
    const { body } = await read(post(server, "/invoke", { prompt: "add" }));
    const path = `/runs/${body.run_id}/events`;
    const { types, ids } = await followed(server, path);
    assertEquals([types[0], ...types.slice(-2)], ["run.started", "run.completed", "bus.end"]);
    assertEquals(types.filter((type) => type === "agent.tool.completed").length, 2);
    if (bus !== undefined) {
      const held = bus.history({ run: `${body.run_id}` }).toReversed();
      assertEquals(ids.slice(0, -1), held.map(({ event_id }) => event_id));
    }
    assertEquals((await followed(server, path, { after: ids[4]! })).ids, ids.slice(5));
    assertEquals((await followed(server, `${path}?from=-2`)).ids, ids.slice(-3));
    assertEquals((await followed(server, path, { select: "run.*" })).types, [
      "run.started",
      "run.completed",
      "bus.end",
    ]);
    await server.close();
  });
}

test("GET /runs/:run_id/events goes on behind a question", async () => {
  const { server } = serverOf({ script: oneQuestion, agentOptions: { tools: approve } });
  const { body } = await read(post(server, "/invoke", { prompt: "go" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const following = followed(server, `/runs/${body.run_id}/events`, { select: "run.*" });
  await read(post(server, "/resume", { interrupt_id, response: "y" }));
  assertEquals((await following).types, [
    "run.started",
    "run.completed",
    "run.started",
    "run.completed",
    "bus.end",
  ]);
  await server.close();
});

test("GET /runs/:run_id/events is for the run's principal, and says what is wrong", async () => {
  const { server } = serverOf({ script: [["done"]] });
  const { body } = await read(post(server, "/invoke", { prompt: "go" }));
  const path = `/runs/${body.run_id}/events`;
  const unknown = await read(ask(server, "GET", "/runs/nothing/events"));
  assertEquals(unknown.status, 404);
  assertEquals(await read(ask(server, "GET", path, { key: BOB })), unknown);
  assertEquals((await read(ask(server, "GET", path, { key: null }))).status, 401);
  assertEquals((await read(ask(server, "GET", `${path}?from=5`))).status, 400);
  assertEquals((await read(ask(server, "POST", path))).status, 405);
  await server.close();
});
