import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { follow } from "../../harness/support/event_source.ts";
import { firstEdition } from "../../harness/support/first_edition.ts";
import { readAll } from "../../harness/support/read.ts";
import {
  approve,
  ask,
  blocksOf,
  gatedTool,
  oneQuestion,
  oneWait,
  post,
  read,
  serverOf,
  toBlocks,
} from "./_support.ts";

test("over maxRuns a run is answered 503 with Retry-After, and a place is free at the end", async () => {
  const { wait, open, started } = gatedTool();
  const { server } = serverOf({
    script: [...oneWait, ["next"]],
    agentOptions: { tools: wait },
    maxRuns: 1,
  });
  const first = post(server, "/invoke", { prompt: "p" });
  await started;
  for (const path of ["/invoke", "/stream"]) {
    const refused = await post(server, path, { prompt: "p" });
    const seconds = Number(refused.headers.get("Retry-After"));
    assertEquals(refused.status, 503);
    assert(seconds >= 1 && seconds <= 5);
    assertEquals(await refused.json(), { error: "Too many runs; try again later" });
  }
  open();
  assertEquals((await read(first)).body.message, "done");
  assertEquals((await read(post(server, "/invoke", { prompt: "p" }))).body.message, "next");
});

test("a run that waits for a person takes no place of maxRuns", async () => {
  const { server } = serverOf({
    script: [oneQuestion[0]!, ["other"], oneQuestion[1]!],
    agentOptions: { tools: approve },
    maxRuns: 1,
  });
  const { body } = await read(post(server, "/invoke", { prompt: "p" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  assertEquals((await read(post(server, "/invoke", { prompt: "p" }))).body.message, "other");
  const answer = await read(post(server, "/resume", { interrupt_id, response: "y" }));
  assertEquals(answer.body.message, "Thank you");
});

test("over maxStreams a stream is answered 503 before anything is begun", async () => {
  const { wait, open, started } = gatedTool();
  const { server, model } = serverOf({
    script: oneWait,
    agentOptions: { tools: wait },
    maxStreams: 1,
  });
  const first = await post(server, "/stream", { prompt: "p" });
  await started;
  const calls = model.calls.length;
  const refused = await post(server, "/stream", { prompt: "p" });
  assertEquals([refused.status, model.calls.length], [503, calls]);
  assert(refused.headers.has("Retry-After"));
  open();
  await blocksOf(first);
  const path = `/runs/${first.headers.get("Locus-Run-Id")}/stream`;
  for (let i = 0; i < 3; i++) assertEquals((await blocksOf(ask(server, "GET", path))).length, 8);
});

test("a stream that cannot be opened gives its place back", async () => {
  const { server } = serverOf({ script: [["ok"]], maxStreams: 1 });
  for (let i = 0; i < 3; i++) {
    assertEquals((await read(post(server, "/stream", { prompt: 1 }))).status, 422);
    const answer = { interrupt_id: "i", response: 1, stream: true };
    assertEquals((await read(post(server, "/resume", answer))).status, 404);
  }
  assertEquals((await blocksOf(post(server, "/stream", { prompt: "p" }))).at(-1)!.type, "bus.end");
});

test("of runs that are over, the oldest beyond maxRunsRetained are forgotten", async () => {
  const { server } = serverOf({ script: [["1"], ["2"], ["3"]], maxRunsRetained: 2 });
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push((await read(post(server, "/invoke", { prompt: "p" }))).body.run_id);
  }
  const statuses = [];
  for (const id of ids) {
    const response = await ask(server, "GET", `/runs/${id}/stream`);
    statuses.push(response.status);
    await response.body?.cancel();
  }
  assertEquals(statuses, [404, 200, 200]);
});

test("a run is forgotten retainMs after its end", async () => {
  const { server } = serverOf({ script: [["1"]], retainMs: 1 });
  const { body } = await read(post(server, "/invoke", { prompt: "p" }));
  const forgottenAt = performance.now() + 2;
  while (performance.now() < forgottenAt);
  assertEquals((await ask(server, "GET", `/runs/${body.run_id}/stream`)).status, 404);
});

test("a run that waits and has to go ends for whoever reads it", async () => {
  const bus = new EventBus();
  const { server } = serverOf({
    script: [oneQuestion[0]!, ["2"], ["3"]],
    agentOptions: { tools: approve },
    maxRunsRetained: 1,
    bus,
  });
  const response = await post(server, "/stream", { prompt: "p" });
  const reader = follow(response);
  await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "interrupt");
  const { interrupt_id } = toBlocks(reader).at(-1)!.data;
  await read(post(server, "/invoke", { prompt: "p" }));
  await read(post(server, "/invoke", { prompt: "p" }));
  await reader.readAll();
  assertEquals(toBlocks(reader).at(-1)!.type, "bus.end");
  assertEquals((await post(server, "/resume", { interrupt_id, response: "y" })).status, 404);
  const published = await readAll(bus.subscribe(response.headers.get("Locus-Run-Id")!));
  assertEquals(firstEdition(published).at(-1)!.event_type, "agent.interrupt");
  const { event_type, data } = published.at(-1)!;
  assertEquals([event_type, data.outcome], ["run.completed", "cancelled"]);
});

test("a long answer is there as a whole for whoever comes back", async () => {
  const deltas = Array.from({ length: 3_000 }, (_, n) => `${n} `);
  const { server } = serverOf({ script: [[{ deltas }]], agentOptions: { streaming: true } });
  const response = await post(server, "/stream", { prompt: "p" });
  await response.body?.cancel();
  const path = `/runs/${response.headers.get("Locus-Run-Id")}/stream`;
  const blocks = await blocksOf(ask(server, "GET", path));
  assertEquals(blocks.filter(({ type }) => type === "bus.gap"), []);
  assertEquals(
    blocks.map(({ data }) => data.event_type === "model_chunk" ? data.content : "").join(""),
    deltas.join(""),
  );
});

test("close() cancels all runs, ends their streams, and refuses new ones", async () => {
  const { wait, started, aborted } = gatedTool();
  const { server } = serverOf({ script: oneWait, agentOptions: { tools: wait } });
  const response = await post(server, "/stream", { prompt: "p" });
  const reading = blocksOf(response);
  await started;
  await server.close();
  assertEquals(((await aborted) as DOMException).message, "The server closes");
  assertEquals((await reading).at(-1)!.type, "bus.end");
  assertEquals((await read(post(server, "/invoke", { prompt: "p" }))).status, 503);
  assertEquals((await read(ask(server, "GET", "/health"))).status, 200);
});
