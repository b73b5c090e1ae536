import { test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { eventCatalogue, type StreamEvent } from "@locus/core/events";
import { laneOf, type PictureRow, RunPicture, visitRows } from "@locus/core/view";
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
  const rows = Object.entries(eventCatalogue) as [string, { pairs_with?: string }][];
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

test("RunPicture.add() puts agents of parallel specialists where they belong, or to what they share", () => {
  const script = new Script().specialist("ada").specialist("bob").chunk("?").wait(5)
    .specialistDone("bob", 5).chunk("I am Ada").turn(0, 1).start("search", "s");
  assertEquals(outline(script), [
    "ada running",
    "  think 0 done",
    "    search running",
    "bob done",
    "think 0 running",
  ]);
  assertEquals(laneOf(find(script, "search"))?.name, "ada");
});

test("RunPicture.add() nests the agent that a tool calls", () => {
  const script = new Script().chunk("a").turn(0, 1).start("ask", "t1").chunk("b").turn(0, 1)
    .start("inner", "t2").emit("span.linked", { span_id: "t2", parent_span_id: "t1" })
    .complete("inner", "t2", 1).chunk("c").turn(1, 0).terminate("complete")
    .complete("ask", "t1", 9).chunk("d").turn(1, 0);
  assertEquals(outline(script), [
    "think 0 done",
    "  ask done",
    "    think 0 done",
    "      inner done",
    "    think 1 done",
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

test("RunPicture.add() tells pairs without ids apart by when they began", () => {
  const query = { query_preview: "q", limit: 1, store_type: "s", threshold: null };
  const hits = { hit_count: 1, top_score: 1, store_type: "s" };
  const script = new Script().emit("rag.query.started", query).wait(100)
    .emit("rag.query.started", query).wait(100)
    .emit("rag.query.completed", { ...hits, duration_ms: 201 })
    .emit("rag.query.completed", { ...hits, duration_ms: 99 });
  const queries = script.picture.rows.filter((row) => row.kind === "span");
  assertEquals(queries.map(({ durationMs, batch }) => [durationMs, batch]), [[201, 1], [99, 1]]);
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

test("RunPicture.add() gives up what went on before the log was begun anew", () => {
  const script = new Script().chunk("a").turn(0, 1).start("one", "a").gap(0, "new_epoch")
    .chunk("b");
  assertEquals(outline(script), [
    "think 0 done",
    "  one lost",
    "! delivery starts anew (new_epoch)",
    "think 1 running",
  ]);
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

test("RunPicture costs the same for an event, however long the run is", () => {
  const once = (events: number) => {
    const script = new Script();
    const start = performance.now();
    for (let n = 0; n < events; n++) {
      script.events.length = 0;
      script.start("t", `${n}`).complete("t", `${n}`, 1).chunk("word ");
    }
    return (performance.now() - start) / events;
  };
  // The best of several: a machine that is busy is slow now and then, a picture that grows slow is always.
  const best = (events: number) => Math.min(...Array.from({ length: 3 }, () => once(events)));
  const [short, long] = [best(2_000), best(16_000)];
  assert(long < 8 * short, `${short} ms an event, then ${long} ms`);
});

test("RunPicture costs the same for a span, however many others run beside it", () => {
  const once = (spans: number) => {
    const script = new Script();
    script.start("watch", "watch");
    const start = performance.now();
    for (let n = 0; n < spans; n++) {
      script.events.length = 0;
      script.start("t", `${n}`).complete("t", `${n}`, 1).emitAny("shop.paid", { span_id: "watch" });
    }
    assertEquals(find(script, "t").batch, find(script, "watch").batch);
    return (performance.now() - start) / spans;
  };
  const best = (spans: number) => Math.min(...Array.from({ length: 5 }, () => once(spans)));
  const [short, long] = [best(100), best(3_000)];
  assert(long < 4 * short, `${short} ms a span, then ${long} ms`);
});

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
