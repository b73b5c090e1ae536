import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { routeWords } from "../../src/view/route_words.ts";
import { Script } from "./_script.ts";

const route = (id: string, chosen: boolean, reason: string | null, score: number | null) => ({
  id,
  chosen,
  reason,
  score,
});

test("routeWords() names the route that was taken, and those that were not", () => {
  const node = "multiagent.graph.node.routed";
  const cases: [type: string, data: object, words: string | null][] = [
    [node, { from_node: "triage", to_nodes: ["billing"] }, "triage → billing"],
    [node, { from_node: "triage", to_nodes: [] }, "triage → nothing"],
    [
      node,
      {
        from_node: "triage",
        to_nodes: ["billing"],
        candidates: [
          route("billing", true, null, 0.921),
          route("support", false, "no order", 0.4),
          route("sales", false, null, null),
        ],
      },
      "triage → billing · 0.92 · not taken: support (0.40, no order), sales",
    ],
    [node, { from_node: 1, to_nodes: "x", candidates: ["x", null] }, "1 → nothing"],
    [
      "router.protocol.selected",
      {
        protocol_id: "direct",
        reason: "cheap",
        candidates: [route("debate", false, "slow", null)],
      },
      "router → direct: cheap · not taken: debate (slow)",
    ],
    [
      "router.protocol.selected",
      {
        protocol_id: "direct",
        reason: "rule_based: distance=0 canonical=true cost=low",
        candidates: [
          route("direct", true, "distance=0 canonical=true cost=low", 0.9),
          route("debate", false, "distance=2 canonical=false cost=high", 0.4),
        ],
      },
      "router → direct: low cost fits, made for this · 0.90 · not taken: debate (0.40, high cost is 2 off)",
    ],
    [node, { from_node: "answer", to_nodes: ["__END__"] }, "answer → the end"],
    [
      "router.runnable.compiled",
      { protocol_id: "team", runnable_type: "FunctionRunnable", capability_count: 0 },
      "team is prepared",
    ],
    [
      "router.frame.extracted",
      { primary_goal: "generate_code", domain: "", complexity: "low", risk: "high", confidence: 1 },
      "asked to generate code · complexity low · risk high",
    ],
    [
      "router.policy.verdict",
      { allow: true, require_approval: true, reason: "high risk" },
      "policy: allowed, if a person approves · high risk",
    ],
    ["router.policy.verdict", { allow: true, reason: "ok" }, "policy: allowed"],
    ["router.policy.verdict", { allow: false, reason: "denied" }, "policy: refused · denied"],
    ["shop.paid", { candidates: [] }, null],
    ["toString", {}, null],
  ];
  for (const [type, data, words] of cases) assertEquals(routeWords(type, data as never), words);
});

test("RunPicture.add() notes which route was taken, and which were not", () => {
  const { picture } = new Script().emit("multiagent.graph.node.routed", {
    from_node: "triage",
    to_nodes: ["billing"],
    condition_result: "billing",
    candidates: [route("support", false, null, null)],
  });
  const [note] = picture.rows;
  assertEquals(note?.kind === "note" && note.text, "triage → billing · not taken: support");
});
