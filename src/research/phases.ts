/** What the nodes of a research do. */

import type { AgentOptions } from "../agent/options.ts";
import { CausalChain } from "../agent/reasoning/causal/causal_chain.ts";
import { GrowingChain } from "../agent/reasoning/causal/growing_chain.ts";
import { judgeClaims, report } from "../agent/reasoning/grounding/grounding_score.ts";
import type { AgentResult } from "../agent/result.ts";
import { clip } from "../agent/state/texts.ts";
import { preview } from "../core/error_text.ts";
import { isRecord } from "../core/options.ts";
import type { NodeContext } from "../graph/types/node.ts";
import { cite, claimsOf } from "./citations.ts";
import { askDurably } from "./durable.ts";
import { CAUSES, REGENERATE, SCOPE, SUMMARY } from "./instructions.ts";
import { instructed, type ResearchSettings, searcherOf } from "./options.ts";
import { inPair, tell } from "./phase_events.ts";
import type { ResearchFact, ResearchState, ResearchStopReason } from "./state.ts";

/** A node of the workflow. */
export type Phase = (s: ResearchState, ctx: NodeContext) => Promise<Partial<ResearchState>>;

/** Asks the person what the question leaves open. */
export const clarifying = (settings: ResearchSettings): Phase => async (s, ctx) => {
  const reply = await ask(settings, ctx, "scope", SCOPE, s.prompt);
  const questions = listIn(reply).filter((question) => typeof question === "string");
  if (questions.length === 0) return {};
  const answers = questions.slice(0, 3).map((question, i) => {
    const answer = ctx.interrupt<unknown>({ question }, { key: `scope ${i}` });
    return `${question} ${typeof answer === "string" ? answer : JSON.stringify(answer)}`;
  });
  return { execute_prompt: [s.prompt, ...answers].join("\n") };
};

/** Searches for evidence. */
export const searching = (settings: ResearchSettings): Phase => (s, ctx) => {
  const prompt = s.execute_prompt ?? s.prompt;
  const opens = { prompt_preview: preview(prompt, PREVIEW), replan: s.replan_count };
  return inPair(ctx, "research.execute", opens, async (run) => {
    // The spans of calls by their id, which another turn may use again.
    const spans = new Map<string, (string | null)[]>();
    const called = (id: string, span: string | null) => {
      spans.set(id, [...spans.get(id) ?? [], span]);
    };
    const maxCalls = (settings.maxSources ?? Infinity) - s.ledger.filter(isFound).length;
    const place = { ctx, name: "search", run, maxCalls, called };
    const result = whole(await askDurably(place, searcherOf(settings), prompt));
    const facts: ResearchFact[] = [];
    const add = (text: string, source: string, tool_span_id: string | null) => {
      const id = `fact_${String(s.ledger.length + facts.length).padStart(3, "0")}`;
      facts.push({ id, text: clip(text, MAX_FACT), source, tool_span_id });
    };
    for (const { tool_name, tool_call_id, result: text } of result.tool_executions) {
      const span = spans.get(tool_call_id)?.shift();
      if (text && span !== undefined) add(text, tool_name, span);
    }
    if (result.message) add(result.message, CONCLUSION, null);
    const evidence = facts.map(({ text, source }) =>
      source === CONCLUSION ? `[conclusion] ${text}` : text
    );
    const update = { evidence, grounding_facts: facts, ledger: facts };
    return [update, { fact_count: facts.length }];
  }, { fact_count: 0 });
};

/** Derives causes and effects from the evidence. */
export const explaining = (settings: ResearchSettings): Phase => async (s, ctx) => {
  const nothing = { causal_chain: null, causal_hypothesis: "", causal_confidence: 0 };
  if (s.evidence.length === 0) return nothing;
  const text = s.evidence.slice(0, 20).map((item) => clip(item, 500)).join("\n");
  const reply = await ask(settings, ctx, "causes", CAUSES, text);
  const events = listIn(reply).filter(isRecord).slice(0, 10);
  const growing = new GrowingChain();
  growing.add({
    nodes: events.map(({ label, type, confidence }) => ({
      label: String(label),
      node_type: KINDS.find((kind) => kind === type) ?? "unknown",
      // A model that does not keep to what it was told must not end the research.
      confidence: Math.min(1, Math.max(0, Number(confidence ?? 0.5))) || 0,
    })),
    edges: events.flatMap(({ label, causes }) =>
      (Array.isArray(causes) ? causes : []).map((effect) => ({
        source: String(label),
        target: String(effect),
        relationship: "causes" as const,
        confidence: 0.5,
      }))
    ),
  }, { maxNodes: 50, maxEdges: 100 });
  const chain = CausalChain.fromJSON(growing.toJSON());
  chain.updateNodeTypes();
  const root = chain.nodes.find(({ node_type }) => node_type === "root_cause") ??
    chain.nodes[0];
  if (root === undefined) return nothing;
  const { label, confidence } = root;
  tell(ctx, "research.causal.built", {
    node_count: chain.nodes.length,
    hypothesis_preview: preview(label, PREVIEW),
    confidence,
  });
  return { causal_chain: chain.toJSON(), causal_hypothesis: label, causal_confidence: confidence };
};

/** Writes the summary. */
export const summarizing = (settings: ResearchSettings): Phase => async (s, ctx) => {
  const { outputSchema } = settings;
  const text = [...evidenceFor(s), ...hypothesisOf(s)].join("\n");
  const more = outputSchema === null ? {} : { outputSchema };
  const result = await askOnce(settings, ctx, "summary", SUMMARY, text, more);
  tell(ctx, "research.summarize.completed", {
    summary_length: [...result.message].length,
    has_structured_output: result.parsed !== null,
  });
  return { summary: result.message, structured_output: result.parsed };
};

/** Checks the claims of the summary, and says how to go on. */
export const judging = (settings: ResearchSettings): Phase => async (s, ctx) => {
  const claims = s.evidence.length === 0 ? [] : claimsOf(s.summary);
  const asked = (question: { instruction: string; text: string }) =>
    ask(settings, ctx, "judge", question.instruction, question.text);
  const judged = claims.length === 0 ? [] : await judgeClaims(asked, claims, s.evidence);
  const { groundingThreshold: threshold } = settings;
  const { score: mean, ungrounded_claims } = report(judged, threshold);
  // Nothing that was found supports nothing that was said.
  const grounding_score = s.summary.trim() === "" || s.evidence.length === 0 ? 0 : mean;
  const citations = cite(judged, s.grounding_facts);
  tell(ctx, "research.grounding.evaluated", {
    score: grounding_score,
    claims_evaluated: claims.length,
    ungrounded_count: ungrounded_claims.length,
    requires_replan: grounding_score < threshold,
    citations: citations.map(({ claim, score, sources }) => ({
      claim_preview: preview(claim, PREVIEW),
      score,
      sources,
    })),
  });
  const stop_reason = stopOf({ ...s, grounding_score }, settings);
  return { grounding_score, ungrounded_claims, citations, stop_reason };
};

/** Writes the summary again. */
export const regenerating = (settings: ResearchSettings): Phase => (s, ctx) => {
  const regeneration = s.regeneration_count + 1;
  const opens = { ungrounded_count: s.ungrounded_claims.length };
  return inPair(ctx, "research.regenerate", opens, async (run) => {
    const text = [
      "Your summary:",
      s.summary,
      "",
      "These of its claims are not supported:",
      ...s.ungrounded_claims.slice(0, 8).map((claim) => `- ${claim}`),
      "",
      ...evidenceFor(s),
    ].join("\n");
    const { message } = await askOnce(settings, ctx, "regenerate", REGENERATE, text, {}, run);
    const update = { summary: message || s.summary, regeneration_count: regeneration };
    return [update, { regeneration }];
  }, { regeneration });
};

/** Plans another search, for what is not supported. */
export const replanning = (_: ResearchSettings): Phase => (s, ctx) => {
  const replan = s.replan_count + 1;
  const claims = s.ungrounded_claims.slice(0, 6).map((claim) => `- ${claim}`);
  const execute_prompt = claims.length === 0
    ? `${s.prompt}\n\nThe evidence so far was not enough. Search elsewhere, and more broadly.`
    : [`${s.prompt}\n\nFind evidence for or against these claims:`, ...claims]
      .join("\n");
  tell(ctx, "research.replan", {
    replan,
    ungrounded_count: s.ungrounded_claims.length,
    prompt_preview: preview(execute_prompt, PREVIEW),
  });
  return Promise.resolve({ execute_prompt, replan_count: replan });
};

/** Why it ends here; null if it goes on. */
function stopOf(s: ResearchState, settings: ResearchSettings): ResearchStopReason | null {
  const { groundingThreshold, maxReplans, maxRegenerations, maxSources } = settings;
  if (s.grounding_score >= groundingThreshold) return "grounded";
  if (s.regeneration_count < maxRegenerations) return null;
  if (s.replan_count >= maxReplans) {
    return maxReplans > 0 ? "max_replans" : "max_regenerations";
  }
  const isSpent = maxSources !== null &&
    s.ledger.filter(isFound).length >= maxSources;
  return isSpent ? "max_sources" : null;
}

async function ask(
  settings: ResearchSettings,
  ctx: NodeContext,
  name: string,
  task: string,
  text: string,
): Promise<string> {
  return (await askOnce(settings, ctx, name, task, text)).message;
}

/** Asks a model without tools. */
async function askOnce(
  settings: ResearchSettings,
  ctx: NodeContext,
  name: string,
  task: string,
  text: string,
  more: Partial<AgentOptions> = {},
  run = ctx.span?.run,
): Promise<AgentResult> {
  const { model, summarizationModel, groundingModel } = settings;
  const special = {
    summary: summarizationModel,
    regenerate: summarizationModel,
    judge: groundingModel,
  };
  const options = {
    agentId: name,
    model: special[name as keyof typeof special] ?? model,
    ...instructed(settings, task),
    ...more,
  };
  return whole(await askDurably({ ctx, name, run }, options, text));
}

/** @throws {Error} If the answer was cut off, or there is none: it would be taken for the whole. */
function whole(result: AgentResult): AgentResult {
  const isSpent = ["token_budget", "time_budget", "max_iterations"].includes(result.stop_reason);
  if (result.error !== null || !result.success && !isSpent) {
    throw new Error(result.error ?? `The answer is not whole: ${result.stop_reason}`);
  }
  return result;
}

const isFound = ({ source }: ResearchFact) => source !== CONCLUSION;

function evidenceFor(s: ResearchState): string[] {
  const facts = s.evidence.map((text, i) => `[${i + 1}] ${text}`);
  return [`Question: ${s.prompt}`, "", "Evidence:", ...facts];
}

function hypothesisOf({ causal_hypothesis }: ResearchState): string[] {
  return causal_hypothesis === "" ? [] : ["", `Supposed root cause: ${causal_hypothesis}`];
}

/** The list that a reply holds, from its first bracket to its last; none if that is not JSON. */
function listIn(reply: string): unknown[] {
  try {
    const list = JSON.parse(reply.slice(reply.indexOf("["), reply.lastIndexOf("]") + 1));
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

const KINDS = ["root_cause", "intermediate", "symptom"] as const;
const CONCLUSION = "agent_conclusion";
const MAX_FACT = 2000;
const PREVIEW = 120;
