import { type Attributes, SpanKind } from "@opentelemetry/api";
import type { PictureSpan, PictureTurn, SpanRole } from "../../view/picture_rows.ts";

/** How a piece of work appears in a trace, by the conventions for generative AI where they know it. */
export interface SpanShape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

/** The shape of a model call. */
export function chatShape(turn: PictureTurn, known: Attributes): SpanShape {
  const model = known["gen_ai.request.model"];
  return {
    name: typeof model === "string" ? `chat ${model}` : "chat",
    kind: SpanKind.CLIENT,
    attributes: { "gen_ai.operation.name": "chat", "locus.iteration": turn.iteration },
  };
}

/** The shape of any other piece of work. */
export function workShape({ role, name, spanId }: PictureSpan): SpanShape {
  const kind = KINDS[role] ?? SpanKind.INTERNAL;
  switch (role) {
    case "tool":
      return {
        name: `execute_tool ${name}`,
        kind,
        attributes: {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": name,
          ...(spanId === null ? {} : { "gen_ai.tool.call.id": spanId }),
        },
      };
    case "specialist":
    case "subagent":
      return {
        name: `invoke_agent ${name}`,
        kind,
        attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name },
      };
    case "span":
      return { name, kind, attributes: {} };
    case "node":
    case "handoff":
    case "protocol":
    case "task":
    case "request":
      return { name: `${role} ${name}`, kind, attributes: {} };
    default:
      // Their names count: as the name of a span they would be one more for each round.
      return { name: role, kind, attributes: {} };
  }
}

const KINDS: Readonly<Partial<Record<SpanRole, SpanKind>>> = {
  request: SpanKind.CLIENT,
  task: SpanKind.SERVER,
};
