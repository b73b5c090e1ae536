import { test } from "node:test";
import fc from "../harness/support/property.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { eventCatalogue, type StreamEvent } from "@locus/core/events";
import { laneOf, type PictureRow, RunPicture, visitRows } from "@locus/core/view";
import { countSteps } from "../harness/support/count_steps.ts";
import { Script } from "./_script.ts";

/** The picture as an outline: a line a row, indented under what it hangs on. */
function outline({ picture }: Script): string[] {
  const lines: string[] = [];
  visitRows(picture.rows, (row, depth) => lines.push("  ".repeat(depth) + labelOf(row)));
  return lines;
}

function labelOf(row: PictureRow): string {
  if (row.kind === "note") return `! ${row.text}`;
  return `${row.kind === "turn" ? `think ${row.iteration}` : row.name} ${row.state}`;
}

function find({ picture }: Script, name: string): PictureRow & { kind: "span" } {
  let found: PictureRow | undefined;
  visitRows(picture.rows, (row) => {
    if (row.kind === "span" && row.name === name) found = row;
  });
  assert(found?.kind === "span", `there is a span ${name}`);
  return found;
}

test("RunPicture.add() hangs tools on the turn that asked for them", () => {
  const script = new Script().chunk("Look.").turn(0, 2).start("one", "a").start("two", "b")
    .complete("two", "b", 1).complete("one", "a", 2).chunk("Done.").turn(1, 0);
  assertEquals(outline(script), ["think 0 done", "  one done", "  two done", "think 1 done"]);
});

test("RunPicture.add() draws every pair of the catalogue as one piece of work", () => {
  // The run itself is no line of it, and what runs in a router has two ways to end.
  const rows = (Object.entries(eventCatalogue) as [string, { pairs_with?: string }][])
    .filter(([name]) => !/^(run|router\.runnable)\./.test(name));
  const opens = /\.(started|initiated|triggered|received|send|spawned)$|_started$/;
  const pairs = rows.filter(([name, { pairs_with: pair }]) =>
    pair !== undefined && opens.test(name) && name !== "a2a.client.received"
  );
  assertEquals(pairs.length * 2, rows.filter(([, row]) => row.pairs_with !== undefined).length);
  for (const [name, { pairs_with: pair }] of pairs) {
    const data = { span_id: "s", tool_use_id: "s", name: "n", success: true, status: "completed" };
    const script = new Script().emitAny(name, data);
    assertEquals(outline(script).map((line) => line.split(" ").at(-1)), ["running"], name);
    script.wait(5).emitAny(pair!, { ...data, duration_ms: 5, status_code: 200 });
    const [row, ...others] = script.picture.rows;
    assert(row?.kind === "span" && others.length === 0, name);
    assertEquals([row.state, row.durationMs], ["done", 5], name);
    assertEquals([row.startEventId, row.endEventId], ["x-1", "x-2"], name);
  }
});

test("RunPicture.add() takes what an agent says of its turn for the model call in a node of its graph", () => {
  const span = (id: string, parent: string | null, kind: string) => ({
    span_id: id,
    parent_span_id: parent,
    name: id,
    kind,
    attributes: {},
    success: true,
    duration_ms: 1,
    error: null,
  });
  const node = { graph_id: "planner", node_id: "model", span_id: "n", parent_span_id: "planner" };
  const think = {
    iteration: 0,
    reasoning_preview: "Hm.",
    has_tool_calls: false,
    span_id: "planner",
  };
  const script = new Script()
    .emitAny("span.started", span("planner", null, "agent"))
    .emitAny("multiagent.graph.node.started", node)
    .emitAny("span.started", span("gpt", "n", "model"))
    .emitAny("agent.model.completed", { content_preview: "Hm.", span_id: "gpt" })
    .emitAny("span.completed", span("gpt", "n", "model"))
    .emitAny("agent.think", think)
    .emitAny("multiagent.graph.node.completed", { ...node, status: "completed" })
    .emitAny("span.completed", span("planner", null, "agent"));
  assertEquals(outline(script), ["planner done", "  model done", "    think 0 done"]);
});

test("RunPicture.add() guesses no place: what does not say where it belongs is put to the run", () => {
  const script = new Script().specialist("ada").specialist("bob").chunk("?").wait(5)
    .specialistDone("bob", 5).chunk(" I am Ada").turn(0, 1).start("search", "s");
  assertEquals(outline(script), [
    "ada running",
    "bob done",
    "think 0 done",
    "  search running",
  ]);
  assertEquals(laneOf(find(script, "search")), null);
});

test("RunPicture.add() says of a span that publishes its drawing which thread it is, not the drawing", () => {
  for (const kind of ["graph", "pipeline", "loop", "orchestrator", "swarm", "router"]) {
    const attributes = { thread_id: "t", topology_hash: "0a", topology: { nodes: [], edges: [] } };
    const span = { span_id: "s", parent_span_id: null, name: "work", kind, attributes };
    assertEquals(find(new Script().emitAny("span.started", span), "work").subject, "t", kind);
  }
});

test("RunPicture.add() hangs a linked tool of a recording on the call that it is part of", () => {
  const script = new Script().chunk("a").turn(0, 1).start("ask", "t1").chunk("b").turn(0, 1)
    .start("inner", "t2").emit("span.linked", { span_id: "t2", parent_span_id: "t1" })
    .complete("inner", "t2", 1).complete("ask", "t1", 9).chunk("d").turn(1, 0);
  assertEquals(outline(script), [
    "think 0 done",
    "  ask done",
    "    inner done",
    "think 0 done",
    "think 1 done",
  ]);
});

test("RunPicture.add() follows span.linked, before and after the span begins", () => {
  const span = (id: string) => ({ span_id: id, parent_span_id: null, name: id, attributes: {} });
  const script = new Script().emit("span.started", span("outer")).start("late", "l")
    .emit("span.linked", { span_id: "l", parent_span_id: "outer" })
    .emit("span.linked", { span_id: "early", parent_span_id: "outer" })
    .start("early", "early")
    .emit("span.linked", { span_id: "outer", parent_span_id: "early" });
  assertEquals(outline(script), ["outer running", "  late running", "  early running"]);
});

test("G5: RunPicture.add() pairs by ids, and without them with the latest that began", () => {
  const query = { query_preview: "q", limit: 1, store_type: "s", threshold: null };
  const hits = { hit_count: 1, top_score: 1, store_type: "s", duration_ms: 7 };
  const run = (place: (n: number) => object) => {
    const script = new Script();
    for (const n of [0, 1, 2]) script.emit("rag.query.started", { ...query, ...place(n) });
    for (const n of [1, 0]) script.emit("rag.query.completed", { ...hits, ...place(n) });
    return outline(script);
  };
  const ids = (n: number) => ({ span_id: `q${n}`, parent_span_id: null });
  assertEquals(run(ids), ["query done", "query done", "query running"]);
  assertEquals(run(() => ({})), ["query running", "query done", "query done"]);
});

test("RunPicture.add() draws a turn from the last that was heard of its agent", () => {
  const script = new Script().chunk("a").wait(100).turn(0, 1).start("t", "t").wait(50)
    .complete("t", "t", 50).wait(30).chunk("b").wait(20).turn(1, 0);
  const turns = script.picture.rows.filter((row) => row.kind === "turn");
  assertEquals(turns.map(({ durationMs }) => durationMs), [100, 50]);
});

test("RunPicture.add() gives no model the time that a person takes", () => {
  const question = { interrupt_id: "i", question_preview: "May I?", options: null };
  const script = new Script().chunk("a").turn(0, 1).start("delete", "t")
    .emit("agent.interrupt", question);
  assertEquals(find(script, "delete").state, "waiting");
  assertEquals(script.picture.summary.state, "waiting");
  script.wait(60_000).start("delete", "t").complete("delete", "t", 1).wait(5).chunk("b").turn(1, 0);
  assertEquals(outline(script), [
    "think 0 done",
    "  delete done",
    "    ! waits for a person: May I?",
    "think 1 done",
  ]);
  assertEquals(script.picture.speaking?.durationMs, 5);
});

test("RunPicture.add() draws a tool that asked a person from its first start to its completion", () => {
  const question = { interrupt_id: "i", question_preview: "May I?", options: null };
  const script = new Script().turn(0, 1).wait(10).start("delete", "t").wait(20)
    .emit("agent.interrupt", question).wait(60_000).start("delete", "t")
    .wait(5).emit("agent.interrupt", question).wait(3_000).start("delete", "t")
    .wait(7).complete("delete", "t", 7);
  const { startedAt, endedAt, durationMs, waitedMs, state } = find(script, "delete");
  assertEquals([endedAt! - startedAt, durationMs, state], [63_032, 7, "done"]);
  assertEquals(waitedMs, 63_000);
});

test("RunPicture.add() counts the waiting of a tool whose second start was missed", () => {
  const question = { interrupt_id: "i", question_preview: "May I?", options: null };
  const script = new Script().turn(0, 1).start("delete", "t").wait(20)
    .emit("agent.interrupt", question).wait(1_000).complete("delete", "t", 100);
  const { startedAt, endedAt, waitedMs } = find(script, "delete");
  assertEquals([endedAt! - startedAt, waitedMs], [1_020, 900]);
});

test("RunPicture.speaking is the text at hand, and then the answer", () => {
  const script = new Script().chunk("Let me ").chunk("look.");
  assertEquals(script.picture.speaking?.text, "Let me look.");
  script.turn(0, 1).start("t", "t").complete("t", "t", 1);
  assertEquals(script.picture.speaking, null);
  const cutOff = new Script().chunk("It is").end();
  assertEquals([cutOff.picture.speaking?.text, cutOff.picture.speaking?.state], ["It is", "lost"]);
  script.chunk("It is 42.").turn(1, 0).terminate("complete").end();
  assertEquals(script.picture.speaking?.text, "It is 42.");
});

test("RunPicture.add() says what is lost: at the end, and in a gap", () => {
  const script = new Script().chunk("a").turn(0, 2).start("one", "a").gap(29)
    .complete("two", "b", 40).end();
  assertEquals(outline(script), [
    "think 0 done",
    "  one lost",
    "  ! 29 events missing (lagged)",
    "  two done",
  ]);
  assertEquals(find(script, "two").startEventId, null);
  assertEquals(script.picture.summary.missed_events, 29);
});

test("RunPicture.add() says of a gap after a position only what it did not have", () => {
  const script = new Script().chunk("a").turn(0, 0);
  const gap = (to: number) => {
    const event = script.record("bus.gap", {
      from_seq: 1,
      to_seq: to,
      count: to,
      reason: "evicted",
    });
    script.picture.add({ ...event, event_id: `x-${to}` });
    return outline(script).slice(1);
  };
  assertEquals(gap(4), []);
  assertEquals(gap(9), ["! 5 events missing (evicted)"]);
});

test("RunPicture.add() gives up what went on before the log was begun anew", () => {
  const script = new Script().chunk("a").turn(0, 1).start("one", "a").gap(0, "new_epoch")
    .chunk("b");
  assertEquals(outline(script), [
    "think 0 done",
    "  one lost",
    "! the server was restarted; what it held is gone",
    "think 1 running",
  ]);
});

test("G3: equal gaps with nothing between them are one line", () => {
  const script = new Script().chunk("a").gap(0, "new_epoch").gap(0, "new_epoch").gap(
    0,
    "new_epoch",
  );
  assertEquals(outline(script).slice(1), [
    "! the server was restarted; what it held is gone · 3 times",
  ]);
  script.chunk("b").gap(0, "new_epoch").gap(29).gap(0, "new_epoch");
  assertEquals(outline(script).slice(3), [
    "! the server was restarted; what it held is gone",
    "! 29 events missing (lagged)",
    "! the server was restarted; what it held is gone",
  ]);
});

test("G6: a gap, an end and an error have no time of their own", () => {
  const hour = 3_600_000;
  const aside = (script: Script, add: (script: Script) => Script) => {
    add(script.wait(hour)).wait(-hour);
    return script;
  };
  const script = aside(new Script(), (script) => script.gap(120, "evicted"));
  const { picture, now: startedAt } = script;
  const [first] = picture.rows;
  assertEquals(first?.kind === "note" && first.at, null);
  script.chunk("a");
  assertEquals(first?.kind === "note" && first.at, startedAt);
  script.wait(10).turn(0, 1).start("t", "t");
  aside(script, (script) => script.gap(5));
  visitRows(picture.rows, (row) => {
    if (row.kind === "note" && row !== first) assertEquals(row.at, startedAt + 10);
  });
  assertEquals(picture.addNote("connection lost").at, startedAt + 10);
  aside(script, (script) => script.emitAny("bus.error", { correlation_id: "c" }).end());
  assertEquals([picture.startedAt, picture.endedAt], [startedAt, startedAt + 10]);
  assertEquals(find(script, "t").endedAt, startedAt + 10);
});

test("RunPicture.addNote() stands where the run is, and can be reworded", () => {
  const script = new Script().chunk("a");
  const note = script.picture.addNote("connection lost");
  const before = note.revision;
  script.picture.reword(note, "connection lost · resumed");
  assertEquals(outline(script), ["think 0 running", "  ! connection lost · resumed"]);
  assert(note.revision > before);
});

test("RunPicture.revision says which lines have changed", () => {
  const script = new Script().chunk("a").turn(0, 2).start("one", "a").start("two", "b");
  const { revision, structureRevision } = script.picture;
  script.complete("one", "a", 1);
  assert(find(script, "one").revision > revision);
  assert(find(script, "two").revision <= revision);
  assertEquals(script.picture.structureRevision, structureRevision);
});

test("RunPicture keeps no more lines than it may, and counts the others where they hung", () => {
  const script = new Script({ maxRows: 20 }).chunk("a").turn(0, 200);
  script.emit("span.started", { span_id: "w", parent_span_id: null, name: "w", attributes: {} });
  for (let n = 0; n < 100; n++) script.start("t", `${n}`).complete("t", `${n}`, 1);
  for (let n = 0; n < 100; n++) script.emitAny("shop.paid", { n });
  assert(outline(script).length <= 20, outline(script).join("\n"));
  const { work, notes } = script.picture.leftOut;
  assertEquals(work + notes + outline(script).length, 202);
  assertEquals(find(script, "w").state, "running");
});

test("RunPicture stays bounded when everything begins and nothing ends", () => {
  const script = new Script({ maxRows: 50 });
  for (let n = 0; n < 2_000; n++) script.start("t", `${n}`);
  assert(script.picture.rows.length <= 56, `${script.picture.rows.length}`);
});

test("RunPicture bounds how deep work is nested", () => {
  const script = new Script();
  for (let n = 0; n < 5_000; n++) {
    const ids = { span_id: `${n}`, parent_span_id: `${n - 1}` };
    script.emit("span.started", { ...ids, name: "n", attributes: {} });
  }
  let deepest = 0;
  visitRows(script.picture.rows, (_row, depth) => deepest = Math.max(deepest, depth));
  assertEquals(deepest, 63);
});

test("RunPicture keeps the end of a text that is too long", () => {
  const script = new Script({ maxTextLength: 10 }).chunk("0123456789".repeat(3)).chunk("😀x");
  const turn = script.picture.speaking!;
  assert(turn.text.length <= 20);
  assert(turn.text.endsWith("😀x"));
  assertEquals(turn.textLeftOut + turn.text.length, 33);
});

test("RunPicture takes the same steps for an event, however long the run is", () => {
  const script = new Script();
  const steps = stepsOf(16_000, (n) => {
    script.events.length = 0;
    script.start("t", `${n}`).complete("t", `${n}`, 1).chunk("word ");
  });
  assert(steps.latest <= 2 * steps.first, `${steps.first} steps, then ${steps.latest}`);
});

test("RunPicture takes the same steps for a span, however many others ran beside it", () => {
  const script = new Script();
  script.start("watch", "watch");
  const steps = stepsOf(3_000, (n) => {
    script.events.length = 0;
    script.start("t", `${n}`).complete("t", `${n}`, 1).emitAny("shop.paid", { span_id: "watch" });
  });
  assertEquals(find(script, "t").batch, find(script, "watch").batch);
  assert(steps.latest <= 2 * steps.first, `${steps.first} steps, then ${steps.latest}`);
});

/** How many steps the first hundred and the latest hundred of many calls took. */
function stepsOf(times: number, call: (n: number) => void): { first: number; latest: number } {
  const between = (from: number, to: number) => {
    for (let n = from; n < to; n++) call(n);
  };
  const first = countSteps(() => between(0, 100));
  between(100, times - 100);
  return { first, latest: countSteps(() => between(times - 100, times)) };
}

test("RunPicture.add() knows what runs at the same time, however much ran in between", () => {
  const script = new Script().start("watch", "watch");
  for (let n = 0; n < 1_500; n++) script.start("t", `${n}`).complete("t", `${n}`, 1);
  assertEquals(find(script, "t").batch, 1);
  script.complete("watch", "watch", 1).start("next", "next");
  assertEquals(find(script, "next").batch, 2);
});

test("RunPicture draws whatever arrives, and its tree stays whole", () => {
  const type = fc.oneof(fc.constantFrom(...Object.keys(eventCatalogue)), fc.string());
  const value = fc.oneof(fc.constantFrom("s1", "s2", "s3", "constructor", null), fc.anything());
  const keys = ["span_id", "parent_span_id", "name", "duration_ms", "success", "content_preview"];
  const others = ["tool_call_count", "arg_keys", "attributes", "status", "count", "reason"];
  const data = fc.dictionary(fc.constantFrom(...keys, ...others, "__proto__"), value);
  const event = fc.record({ event_type: type, data });
  fc.assert(fc.property(fc.array(event, { maxLength: 60 }), (events) => {
    const picture = new RunPicture("r", { maxRows: 12 });
    for (const [n, { event_type, data }] of events.entries()) {
      const timestamp = n % 7 === 0 ? "never" : new Date(n).toISOString();
      picture.add({ event_id: `e-${n}`, run_id: "r", timestamp, event_type, data } as StreamEvent);
    }
    const seen = new Set<PictureRow>();
    visitRows(picture.rows, (row) => {
      assert(!seen.has(row), "no line stands in two places");
      seen.add(row);
      const siblings = row.parent === null ? picture.rows : row.parent.children;
      assert(siblings.includes(row), "every line stands under its parent");
    });
    assert(seen.size <= 14, `${seen.size}`);
  }));
});

test("RunPicture refuses options that it does not know", () => {
  assertThrows(() => new RunPicture("r", { maxRow: 1 } as object), TypeError, "maxRow");
  assertThrows(() => new RunPicture("r", { maxRows: 0 }), RangeError, "maxRows");
});

test("The beginning and the end of a run are no lines; what it failed with is one", () => {
  const script = new Script().emitAny("run.started", { name: "Refund" });
  script.emitAny("run.completed", { outcome: "ok", error: null });
  assertEquals(script.picture.rows, []);
  script.emitAny("run.completed", { outcome: "error", error: "Error: no index" });
  const [row] = script.picture.rows;
  assertEquals(row?.kind === "note" && [row.text, row.warning], ["error: Error: no index", true]);
});

test("RunPicture.add() draws each attempt of a model call as a turn, with its own times", () => {
  const agent = { span_id: "a", parent_span_id: null, name: "ada", kind: "agent" };
  const model = (id: string) => ({
    span_id: id,
    parent_span_id: "a",
    name: "gpt-5",
    kind: "model",
    attributes: { model: "gpt-5", iteration: 0 },
  });
  const script = new Script().emit("span.started", { ...agent, attributes: {} })
    .emit("span.started", model("m1")).wait(20)
    .emit("span.completed", {
      ...model("m1"),
      success: false,
      duration_ms: 20,
      error: "Error: busy",
    })
    .wait(1_000).emit("span.started", model("m2")).wait(30)
    .emitAny("agent.model.chunk", { content_preview: "hi", span_id: "m2" })
    .emit("span.completed", { ...model("m2"), success: true, duration_ms: 30, error: null });
  assertEquals(outline(script), ["ada running", "  think 0 failed", "  think 0 done"]);
  const turns = find(script, "ada").children.filter((row) => row.kind === "turn");
  assertEquals(
    turns.map(({ durationMs, error, text, model }) => [durationMs, error, text, model]),
    [
      [20, "Error: busy", "", "gpt-5"],
      [30, "", "hi", "gpt-5"],
    ],
  );
});

test("RunPicture.close() leaves no model call open, also where several ran side by side", () => {
  const script = new Script();
  for (const id of ["m1", "m2"]) {
    const model = { span_id: id, parent_span_id: null, name: "gpt-5", kind: "model" };
    script.emit("span.started", { ...model, attributes: {} });
  }
  script.picture.close();
  assertEquals(outline(script), ["think 0 lost", "think 1 lost"]);
});

test("RunPicture.add() takes an error of a node for a failure, whatever its status is called", () => {
  const node = { graph_id: "g", node_id: "n", span_id: "s", iteration: 1, parallel: false };
  const script = new Script().emitAny("multiagent.graph.node.started", node)
    .emitAny("multiagent.graph.node.completed", { ...node, status: "timed_out", error: "late" });
  assertEquals(outline(script), ["n failed"]);
});

test("RunPicture.add() tells calls apart that a provider gave the same id", () => {
  const script = new Script();
  for (const id of ["a", "b"]) {
    const agent = { span_id: id, parent_span_id: null, name: id, kind: "agent", attributes: {} };
    const call = { tool_name: `by ${id}`, span_id: "call_0", arg_keys: [] };
    script.emit("span.started", agent)
      .emit("agent.tool.started", { ...call, tool_span_id: `t${id}`, parent_span_id: id });
  }
  script.emitAny("agent.tool.completed", { span_id: "call_0", tool_span_id: "ta", success: true });
  assertEquals(outline(script), ["a running", "  by a done", "b running", "  by b running"]);
});

test("RunPicture.add() says which attempt at a call a tool is, and how many it took", () => {
  const tool = { tool_name: "pay", span_id: "c", tool_span_id: "t", arg_keys: [] };
  const script = new Script().emit("agent.tool.started", { ...tool, attempt: 2 });
  assertEquals(find(script, "pay").attempt, 2);
  script.emit("agent.tool.completed", {
    ...tool,
    success: true,
    duration_ms: 3,
    output_preview: "",
    error: null,
    attempt: 4,
  });
  assertEquals(find(script, "pay").attempt, 4);
  const odd = new Script().emitAny("agent.tool.started", { ...tool, attempt: "two" });
  assertEquals(find(odd, "pay").attempt, 1);
});
