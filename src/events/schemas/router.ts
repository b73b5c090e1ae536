import { z } from "zod";
import { candidates, inSpan, spanPair } from "./_places.ts";
import type { RouterEvents, RouterGoal, RouterLevel } from "../catalogue/router.ts";
import {
  count,
  duration,
  flag,
  orNull,
  ratio,
  type SchemaRecord,
  text,
  textOrNull,
  texts,
} from "./_fields.ts";

const goal: z.ZodType<RouterGoal> = z.enum([
  "answer",
  "explain",
  "plan",
  "build",
  "modify",
  "diagnose",
  "remediate",
  "generate_code",
  "research",
  "compare",
  "monitor",
  "coordinate",
  "escalate",
]);

const level: z.ZodType<RouterLevel> = z.enum(["low", "medium", "high"]);

/** The schema of every `router.*` payload. */
export const routerSchemas: SchemaRecord<RouterEvents> = {
  "router.frame.extracted": z.looseObject({
    primary_goal: goal,
    secondary_goals: z.array(goal),
    domain: text,
    complexity: level,
    risk: level,
    requires_tools: flag,
    requires_memory: flag,
    requires_code_generation: flag,
    requires_multi_agent: flag,
    success_criteria: texts,
    approval_required: flag.optional(),
    required_capabilities: texts.optional(),
    unknown_capabilities: texts.optional(),
    confidence: orNull(ratio).optional(),
    ...inSpan,
  }),
  "router.frame.failed": z.looseObject({ error: text, ...inSpan }),
  "router.protocol.selected": z.looseObject({
    protocol_id: text,
    cost: level,
    latency: level,
    reason: text,
    candidates,
    method: z.enum(["rule_based", "single_candidate", "llm_picked", "rule_based_fallback"])
      .optional(),
    rationale: textOrNull.optional(),
    fallback_error: textOrNull.optional(),
    primary_goal: goal.optional(),
    is_canonical: flag.optional(),
    risk_max: level.optional(),
    protocol_description: text.optional(),
    ...inSpan,
  }),
  "router.protocol.no_match": z.looseObject({
    frame_summary: text,
    primary_goal: goal.optional(),
    risk: level.optional(),
    error: text.optional(),
    candidates,
    ...inSpan,
  }),
  "router.policy.verdict": z.looseObject({
    allow: flag,
    require_approval: flag,
    reason: text,
    protocol_id: text.optional(),
    frame_risk: level.optional(),
    ...inSpan,
  }),
  "router.runnable.compiled": z.looseObject({
    protocol_id: text,
    runnable_type: text.optional(),
    capability_count: count.optional(),
    ...inSpan,
  }),
  "router.runnable.executing": z.looseObject({
    protocol_id: text,
    resumed: flag.optional(),
    ...spanPair,
  }),
  "router.runnable.executed": z.looseObject({
    protocol_id: text,
    output_length: count,
    duration_ms: duration.optional(),
    ...spanPair,
  }),
  "router.runnable.failed": z.looseObject({ protocol_id: textOrNull, error: text, ...spanPair }),
};
