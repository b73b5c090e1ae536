/** Which protocol answers a request: filtered and ranked by rule, or picked by a model among those that remain. */

import { extractJson } from "../agent/output/extract_json.ts";
import { summarize } from "../core/error_text.ts";
import { describe, isRecord } from "../core/options.ts";
import type { RouteCandidate } from "../events/catalogue/places.ts";
import type { CapabilityIndex } from "./capabilities.ts";
import { type GoalFrame, rankOf, summaryOf } from "./frame.ts";
import type { Protocol } from "./protocol.ts";

/** How a protocol was chosen. */
export type SelectionMethod =
  | "rule_based"
  | "single_candidate"
  | "llm_picked"
  | "rule_based_fallback";

/** What a picker gets. */
export interface PickerInput {
  /** What the request asks for. */
  readonly frame: GoalFrame;
  /** The protocols that can answer it, best first. */
  readonly candidates: readonly Required<Protocol>[];
}

/** What was chosen. */
export interface Selection {
  readonly protocol: Required<Protocol>;
  readonly method: SelectionMethod;
  readonly reason: string;
  readonly rationale: string | null;
  /** Why the picker was not followed. */
  readonly fallback_error: string | null;
}

/** How well a protocol fits: each figure counts only where those before it are equal. */
export function fitOf(frame: GoalFrame, { cost, primaryFor, handles }: Required<Protocol>) {
  const distance = Math.abs(rankOf(cost) - rankOf(frame.complexity));
  const canonical = primaryFor.includes(frame.primary_goal);
  const rank = ((distance * 2 + Number(!canonical)) * 3 + rankOf(cost)) * 14 + handles.length;
  return {
    score: Number((1 - rank / 252).toFixed(3)),
    reason: `distance=${distance} canonical=${canonical} cost=${cost}`,
    rank,
  };
}

/** The protocols that can answer, best first, and what stands against the others. */
export function rankProtocols(
  frame: GoalFrame,
  protocols: readonly Required<Protocol>[],
  capabilities: CapabilityIndex,
): { ranked: readonly Required<Protocol>[]; refused: ReadonlyMap<string, string> } {
  const refused = new Map<string, string>();
  for (const { id, handles, riskMax, requiresCapabilities } of protocols) {
    if (!handles.includes(frame.primary_goal)) refused.set(id, "goal");
    else if (rankOf(riskMax) < rankOf(frame.risk)) refused.set(id, "risk");
    else if (!requiresCapabilities.every((id) => capabilities.has(id))) {
      refused.set(id, "capability");
    }
  }
  const ranked = protocols.filter(({ id }) => !refused.has(id))
    .map((protocol) => ({ protocol, rank: fitOf(frame, protocol).rank }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ protocol }) => protocol);
  return { ranked, refused };
}

/** All protocols, as events and explanations show them: what is not refused by its rank, best first. */
export function candidatesOf(
  frame: GoalFrame,
  ranked: readonly Required<Protocol>[],
  refused: ReadonlyMap<string, string>,
  chosen: string | null,
): RouteCandidate[] {
  return [
    ...ranked.map((protocol) => {
      const { score, reason } = fitOf(frame, protocol);
      return { id: protocol.id, chosen: protocol.id === chosen, reason, score };
    }),
    ...[...refused].map(([id, reason]) => ({ id, chosen: false, reason, score: null })),
  ];
}

/**
 * Chooses among at least one.
 *
 * @param pick Asks the picker, if there is one.
 */
export async function select(
  input: PickerInput,
  pick: ((input: PickerInput) => unknown) | null,
): Promise<Selection> {
  const { frame, candidates } = input;
  const [best] = candidates;
  const byRule = (method: SelectionMethod, fallback_error: string | null = null): Selection => ({
    protocol: best!,
    method,
    reason: `${method}: ${fitOf(frame, best!).reason}`,
    rationale: null,
    fallback_error,
  });
  if (pick === null) return byRule("rule_based");
  if (candidates.length === 1) return byRule("single_candidate");
  const given = await pick(input);
  const picked = typeof given === "string" ? [...extractJson(given)].find(isRecord) : given;
  const { protocol_id, rationale } = isRecord(picked) ? picked : {};
  const protocol = candidates.find(({ id }) => id === protocol_id);
  if (protocol === undefined) {
    const id = protocol_id === undefined ? given : protocol_id;
    return byRule("rule_based_fallback", summarize(`the picker named no candidate: ${textOf(id)}`));
  }
  const why = typeof rationale === "string" ? rationale : "";
  return {
    protocol,
    method: "llm_picked",
    reason: why || "llm_picked",
    rationale: why,
    fallback_error: null,
  };
}

const textOf = (value: unknown) => typeof value === "string" ? value : describe(value);

/** What a picker that is an agent is asked. */
export function pickerPrompt(task: string, { frame, candidates }: PickerInput): string {
  return [
    `Choose how this request is answered:\n${task}`,
    `What it asks for: ${summaryOf(frame)}`,
    `The protocols, the best by rule first:\n${
      candidates.map(({ id, description, cost }) => `- ${id} (cost ${cost}): ${description}`)
        .join("\n")
    }`,
    `Answer with JSON only: {"protocol_id": id, "rationale": "why"}`,
  ].join("\n\n");
}
