import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus, resetEventBus, setEventBus } from "../../mod.ts";
import {
  FrameExtractionError,
  NoMatchingProtocolError,
  PolicyDeniedError,
  type RouterOptions,
} from "../../src/router/mod.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { capability, first, frameOf, routes, told, watch } from "./_support.ts";

const understood = ["frame.extracted"];
const chosen = [...understood, "protocol.selected", "policy.verdict"];
const begun = [...chosen, "runnable.compiled", "runnable.executing"];
const whole = [...begun, "runnable.executed"];
const two = { required_capabilities: ["logs", "metrics"] };

/** What a frame and options lead to: the events, one payload, and what is thrown. */
const cases: Record<string, {
  frame: unknown;
  options?: Partial<RouterOptions>;
  events: readonly string[];
  says: readonly [type: string, data: Record<string, unknown>];
  throws?: new (...args: never[]) => Error;
}> = {
  "1 an answer of low risk is one agent's": {
    frame: frameOf("answer"),
    events: whole,
    says: ["router.runnable.compiled", {
      protocol_id: "direct_response",
      runnable_type: "AgentRunnable",
    }],
  },
  "2 an answer of high risk is nobody's": {
    frame: frameOf("answer", "low", "high"),
    events: [...understood, "protocol.no_match"],
    says: ["router.protocol.no_match", {
      frame_summary: "goal=answer domain=shop complexity=low risk=high capabilities=[]",
    }],
    throws: NoMatchingProtocolError,
  },
  "3 a diagnosis fans out to the capabilities": {
    frame: frameOf("diagnose", "high", "medium", two),
    options: { capabilities: [capability("logs"), capability("metrics")] },
    events: whole,
    says: ["composition.fanout.started", { agent_count: 2 }],
  },
  "4 a remedy needs an approval, and there is none": {
    frame: frameOf("remediate", "medium", "high"),
    events: [...begun, "runnable.failed"],
    says: ["router.policy.verdict", { allow: true, require_approval: true }],
    throws: PolicyDeniedError,
  },
  "4 a remedy that is approved runs": {
    frame: frameOf("remediate", "medium", "high"),
    options: { onApproval: () => true },
    events: whole,
    says: ["router.runnable.executed", { protocol_id: "approval_gated_execution" }],
  },
  "5 a simple research is one agent's": {
    frame: frameOf("research", "low"),
    events: whole,
    says: ["router.protocol.selected", { protocol_id: "direct_response" }],
  },
  "5 a complex research fans out: what is made for it goes before a debate": {
    frame: frameOf("research", "high"),
    events: whole,
    says: ["router.protocol.selected", { protocol_id: "specialist_fanout", is_canonical: true }],
  },
  "5 a research between them is a chain": {
    frame: frameOf("research", "medium"),
    events: whole,
    says: ["router.protocol.selected", { protocol_id: "handoff_chain" }],
  },
  "6 prose is no frame": {
    frame: "It is about the shop.",
    events: ["frame.failed"],
    says: ["router.frame.failed", {
      error: 'FrameExtractionError: no frame, but "It is about the shop."',
    }],
    throws: FrameExtractionError,
  },
  "7 a picker that names nobody is not followed": {
    frame: frameOf("research"),
    options: { picker: () => ({ protocol_id: "nobody" }) },
    events: whole,
    says: ["router.protocol.selected", {
      method: "rule_based_fallback",
      protocol_id: "direct_response",
      fallback_error: "the picker named no candidate: nobody",
    }],
  },
  "7 a picker is not asked where there is no choice": {
    frame: frameOf("answer"),
    options: {
      picker: () => {
        throw new Error("asked");
      },
    },
    events: whole,
    says: ["router.protocol.selected", { method: "single_candidate", fallback_error: null }],
  },
  "7 a picker that names a candidate is followed": {
    frame: frameOf("research"),
    options: { picker: () => `{"protocol_id":"debate","rationale":"two sides"}` },
    events: whole,
    says: ["router.protocol.selected", {
      method: "llm_picked",
      protocol_id: "debate",
      reason: "two sides",
    }],
  },
  "8 what exceeds the policy is denied before it is built": {
    frame: frameOf("escalate", "medium", "high"),
    options: { policy: { maxRisk: "medium" } },
    events: chosen,
    says: ["router.policy.verdict", {
      allow: false,
      reason: "risk high exceeds maxRisk medium",
    }],
    throws: PolicyDeniedError,
  },
};

for (const [name, { frame, options, events: expected, says, throws }] of Object.entries(cases)) {
  test(name, async () => {
    const { events, error } = await watch(() => routes(frame, options).dispatch("go"));
    assertEquals(told(events), [...expected]);
    const data = first(events, says[0]);
    for (const [key, value] of Object.entries(says[1])) assertEquals(data?.[key], value, key);
    if (throws === undefined) assertEquals(error, null);
    else assert(error instanceof throws, String(error));
    const { outcome } = first(events, "run.completed")!;
    assertEquals(outcome, throws === undefined ? "ok" : "error");
    const tree = foldSpans(events);
    assertEquals(openSpans(tree), []);
    assertEquals(tree.children.map(({ kind }) => kind), ["router"]);
  });
}

test("outside of a run a dispatch is one, which is closed behind it", async () => {
  const bus = new EventBus();
  setEventBus(bus);
  try {
    const { run_id } = await routes(frameOf("answer")).dispatch("go", { runId: "own" });
    assertEquals(run_id, "own");
    const types: string[] = [];
    // It ends, as the run is closed.
    for await (const { event_type } of bus.subscribe("own")) types.push(event_type);
    assertEquals([types[0], types.at(-1)], ["run.started", "run.completed"]);
    const bad = routes(frameOf("answer", "low", "high"));
    await assertRejects(() => bad.dispatch("go", { runId: "bad" }), NoMatchingProtocolError);
    assertEquals(bus.history("run.completed")[0]?.data.outcome, "error");
  } finally {
    resetEventBus();
  }
});
