import { loop, parallel, sequential } from "../pipeline/mod.ts";
import type { Protocol, ProtocolKit } from "./protocol.ts";

/** The protocols that a router has if it is given none. Add yours: `[...builtinProtocols, mine]`. */
export const builtinProtocols: readonly Protocol[] = Object.freeze([
  {
    id: "direct_response",
    description: "One agent answers.",
    handles: ["answer", "explain", "research"],
    primaryFor: ["answer", "explain"],
    riskMax: "low",
    cost: "low",
    latency: "low",
    build: ({ agent, tools }) => agent("responder", "Answer the request.", tools),
  },
  {
    id: "plan_execute_validate",
    description: "One agent plans, one carries the plan out, one checks the result.",
    handles: ["plan", "build", "modify", "generate_code", "remediate"],
    primaryFor: ["plan", "build", "modify"],
    build: ({ agent, tools }) =>
      sequential([
        named("planner", agent("planner", "Plan the task in numbered steps. Do not carry it out.")),
        named("executor", agent("executor", "Carry out the plan that you are given.", tools)),
        named(
          "validator",
          agent(
            "validator",
            "Check the result that you are given against the task. The first line of your answer is PASS or FAIL; " +
              "below it comes the result, and what is wrong with it.",
          ),
        ),
      ], { id: "plan_execute_validate" }),
  },
  {
    id: "specialist_fanout",
    description: "For each capability a specialist works on the request, side by side.",
    handles: ["diagnose", "compare", "monitor", "coordinate", "research"],
    primaryFor: ["diagnose", "monitor", "research"],
    cost: "high",
    latency: "high",
    build: (kit) => parallel(specialists(kit), { id: "specialist_fanout" }),
  },
  {
    id: "debate",
    description: "Two agents argue for and against; a third one judges.",
    handles: ["compare", "research"],
    primaryFor: ["compare"],
    riskMax: "low",
    cost: "high",
    latency: "high",
    build: ({ agent, tools }) =>
      sequential([
        parallel([
          named("for", agent("for", "Make the best case for the first or obvious choice.", tools)),
          named("against", agent("against", "Make the best case against it.", tools)),
        ], { id: "arguments" }),
        named(
          "judge",
          agent("judge", "You are given two arguments. Weigh them, and answer the request."),
        ),
      ], {
        id: "debate",
        promptTemplate: "{previous_output}\n\nJudge these arguments.\n\nRequest: {task}",
      }),
  },
  {
    id: "codegen_test_validate",
    description: "One agent writes code and tests it, until it passes.",
    handles: ["generate_code", "build"],
    primaryFor: ["generate_code"],
    latency: "high",
    build: ({ agent, tools }) =>
      loop(
        agent(
          "coder",
          "Write the code, and test it with the tools that you have. The first word of your answer is PASS if it does what " +
            "was asked, else FAIL; below it comes the code.",
          tools,
        ),
        (output) => String(output).trim().toUpperCase().startsWith("PASS"),
        { id: "codegen_test_validate", maxLoops: 4 },
      ),
  },
  {
    id: "approval_gated_execution",
    description: "One agent acts, after a person has agreed.",
    handles: ["remediate", "modify", "escalate"],
    primaryFor: ["escalate", "remediate"],
    riskMax: "high",
    requiresApproval: true,
    build: ({ agent, tools }) => agent("operator", "Do what is asked, and no more.", tools),
  },
  {
    id: "a2a_delegate",
    description: "Another system does it.",
    handles: ["coordinate", "escalate"],
    latency: "high",
    build: ({ delegate }) => {
      if (delegate === undefined) {
        throw new Error(`a2a_delegate has no endpoint: give router() the option "delegate"`);
      }
      return (task, { signal }) => delegate(task, { signal });
    },
  },
  {
    id: "handoff_chain",
    description: "Agents with a tool each work one after the other.",
    handles: ["plan", "research", "coordinate"],
    primaryFor: ["coordinate"],
    latency: "high",
    build: (kit) => sequential(specialists(kit) as never, { id: "handoff_chain" }),
  },
]);

/** An agent for each capability, with exactly its tool; without capabilities, one without a tool. */
function specialists({ capabilities, agent }: ProtocolKit) {
  if (capabilities.length === 0) return [named("generalist", agent("generalist", GENERAL))];
  return capabilities.map(({ id, description, tool }) =>
    named(id, agent(id, `You are the specialist for this: ${description}. ${GENERAL}`, [tool]))
  );
}

const GENERAL = "Work on the request, and say what you find.";

function named<S>(name: string, stage: S): { name: string; stage: S } {
  return { name, stage };
}
