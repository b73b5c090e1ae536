import { z } from "zod";
import { candidates, inSpan, spanPair } from "./_places.ts";
import type { RouterEvents, RouterGoal, RouterLevel } from "../catalogue/router.ts";
import { count, flag, type SchemaRecord, text, textOrNull, texts } from "./_fields.ts";

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
    ...inSpan,
  }),
  "router.frame.failed": z.looseObject({ error: text, ...inSpan }),
  "router.protocol.selected": z.looseObject({
    protocol_id: text,
    cost: level,
    latency: level,
    reason: text,
    candidates,
    ...inSpan,
  }),
  "router.protocol.no_match": z.looseObject({ frame_summary: text, ...inSpan }),
  "router.policy.verdict": z.looseObject({
    allow: flag,
    require_approval: flag,
    reason: text,
    ...inSpan,
  }),
  "router.runnable.compiled": z.looseObject({ protocol_id: text, ...inSpan }),
  "router.runnable.executing": z.looseObject({ protocol_id: text, ...spanPair }),
  "router.runnable.executed": z.looseObject({
    protocol_id: text,
    output_length: count,
    ...spanPair,
  }),
  "router.runnable.failed": z.looseObject({ protocol_id: textOrNull, error: text, ...spanPair }),
};
