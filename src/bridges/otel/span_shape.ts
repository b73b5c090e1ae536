import { type Attributes, SpanKind } from "@opentelemetry/api";
import type { PictureSpan, PictureTurn, SpanRole } from "../../view/picture_rows.ts";
import type { GenAiConventions } from "./gen_ai.ts";

/** How a piece of work appears in a trace, by the conventions for generative AI where they know it. */
export interface SpanShape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

/** The shape of a model call. */
export function chatShape(turn: PictureTurn, known: Attributes): SpanShape {
  const model = known["gen_ai.request.model"] ?? turn.model;
  return {
    name: typeof model === "string" && model !== "" ? `chat ${model}` : "chat",
    kind: SpanKind.CLIENT,
    attributes: { "gen_ai.operation.name": "chat", "locus.iteration": turn.iteration },
  };
}

/** The shape of any other piece of work. */
export function workShape(
  { role, name, callId }: PictureSpan,
  conventions: GenAiConventions,
): SpanShape {
  const kind = KINDS[role] ?? SpanKind.INTERNAL;
  switch (role) {
    case "tool":
      return {
        name: `execute_tool ${name}`,
        kind,
        attributes: {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": name,
          ...(callId === null ? {} : { "gen_ai.tool.call.id": callId }),
        },
      };
    case "specialist":
    case "subagent":
      return {
        name: `invoke_agent ${name}`,
        kind,
        attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name },
      };
    case "agent":
      return {
        // One that has no name of its own is called "agent".
        name: name === "agent" ? "invoke_agent" : `invoke_agent ${name}`,
        kind,
        attributes: {
          "gen_ai.operation.name": "invoke_agent",
          ...(name === "agent" ? {} : { "gen_ai.agent.name": name }),
        },
      };
    case "query":
      // The first conventions have no name for it.
      return conventions === "1.37.0"
        ? { name: role, kind, attributes: {} }
        : { name: "retrieval", kind, attributes: { "gen_ai.operation.name": "retrieval" } };
    case "run":
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
