import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { failureOf, placeNames } from "../../src/view/run_failure.ts";
import { Script } from "./_script.ts";

/** A span by its id, which is its name as well. */
function begin(script: Script, id: string, parent: string | null, kind = "work"): Script {
  return script.emitAny("span.started", {
    span_id: id,
    parent_span_id: parent,
    name: id,
    kind,
    attributes: {},
  });
}

function end(script: Script, id: string, error: string | null, kind = "work"): Script {
  return script.emitAny("span.completed", {
    span_id: id,
    parent_span_id: null,
    name: id,
    kind,
    success: error === null,
    duration_ms: 1,
    error,
  });
}

function fail(script: Script, error: string | null): Script {
  return script.emitAny("run.completed", { outcome: "error", error, duration_ms: 1 });
}

/** What failed, by names, and the type of the event that is said to have caused it. */
function read({ picture, events }: Script) {
  const failure = failureOf(picture);
  if (failure === null) return null;
  const { error, row, eventId } = failure;
  const event = events.find((event) => event.event_id === eventId);
  return [error, row && placeNames(row).join(" › "), event?.event_type];
}

test("failureOf() finds the innermost work that failed with the error of the run", () => {
  const error = "PaymentError: the card was refused";
  const script = begin(begin(new Script(), "desk", null, "agent"), "charge", "desk");
  end(end(script, "charge", error), "desk", error, "agent");
  assertEquals(read(fail(script, error)), [error, "desk › charge", "span.completed"]);
  assertEquals(failureOf(script.picture)!.eventId, script.events[2]!.event_id);
});

test("failureOf() knows an error that was wrapped on its way", () => {
  const script = begin(begin(new Script(), "outer", null), "inner", "outer");
  end(script, "inner", "TypeError: x is not a function\n at y");
  end(script, "outer", "StageError: stage 2 failed: x is not a function");
  fail(script, "Error: StageError: stage 2 failed: x is not a function");
  assertEquals(read(script)?.[1], "inner");
});

test("failureOf() blames nothing that failed with another error, or was dealt with", () => {
  const script = begin(begin(new Script(), "a", null), "b", "a");
  end(end(script, "b", "Error: no answer from b"), "a", null);
  begin(script, "c", null);
  end(script, "c", "Error: some other thing");
  fail(script, "Error: no answer from b");
  assertEquals(read(script), ["Error: no answer from b", null, "run.completed"]);
});

test("failureOf() names the last of several that failed so, as retries do", () => {
  const script = new Script();
  for (const id of ["first", "second"]) end(begin(script, id, null), id, "Error: 503");
  assertEquals(read(fail(script, "Error: 503"))?.[1], "second");
});

test("failureOf() names the tool that an agent failed with", () => {
  const script = new Script().chunk("I pay.").turn(0, 1).start("pay", "a")
    .fail("pay", "a", 5, "PaymentError: refused").emitAny("agent.terminate", {
      reason: "error",
      success: false,
      error: "PaymentError: refused",
      error_kind: "tool",
    });
  assertEquals(read(script), ["PaymentError: refused", "pay", "agent.tool.completed"]);
});

test("failureOf() has no error where nobody said one, and no failure of what did not fail", () => {
  assertEquals(read(new Script().terminate("error")), [null, null, "agent.terminate"]);
  for (const outcome of ["ok", "cancelled", "waiting"]) {
    const script = end(begin(new Script(), "a", null), "a", "Error: no");
    script.emitAny("run.completed", { outcome, error: "Error: no" });
    assertEquals(read(script), null);
  }
});

test("failureOf() names the tool inside of the node that called it, not of the node that asked", () => {
  const node = { graph_id: "refunds", parallel: false, parent_span_id: "refunds" };
  const script = begin(new Script(), "refunds", null, "agent");
  const [asks, calls] = ["assistant", "tools"].map((id) => ({ ...node, node_id: id, span_id: id }));
  const started = { iteration: 1, is_resuming: false };
  script.emitAny("multiagent.graph.node.started", { ...asks, ...started });
  begin(script, "model", "assistant", "model").emitAny("agent.model.completed", {
    content_preview: "",
    tool_call_count: 1,
    span_id: "model",
  });
  end(script, "model", null, "model");
  script.emitAny("multiagent.graph.node.completed", { ...asks, status: "completed" });
  script.emitAny("multiagent.graph.node.started", { ...calls, ...started });
  const tool = { tool_name: "refund", span_id: "c1", tool_span_id: "refund" };
  script.emitAny("agent.tool.started", { ...tool, parent_span_id: "tools", arg_keys: ["id"] });
  const error = "TypeError: card is null";
  script.emitAny("agent.tool.completed", { ...tool, success: false, error });
  script.emitAny("multiagent.graph.node.completed", { ...calls, status: "failed", error });
  end(script, "refunds", error, "agent");
  assertEquals(read(fail(script, error)), [error, "tools › refund", "agent.tool.completed"]);
  // The graph's name stands above them already.
  const [graph] = script.picture.rows;
  const subjects = graph?.kind === "span" &&
    graph.children.map((row) => row.kind === "span" && row.subject);
  assertEquals(subjects, ["", ""]);
});
