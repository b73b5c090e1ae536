import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { numberIn, textIn } from "../../view/payload.ts";
import { oneLine } from "../../view/visible.ts";
import type { StreamedEvent } from "./stream_handler.ts";

/**
 * The lines of events that a single agent does not yield: those of several agents and of causal reasoning, and
 * any that this version does not know.
 */
export function otherEventLines(event: StreamedEvent): string[] {
  const fields = event as object as Readonly<Record<string, unknown>>;
  const text = (key: string) => oneLine(defaultRedactor().preview(textIn(fields, key), 200));
  switch (event.event_type) {
    case "specialist_start":
      return [`Specialist: ${text("specialist_id")} (${text("specialist_type")})`];
    case "specialist_complete": {
      const confidence = (numberIn(fields, "confidence") ?? 0).toFixed(2);
      const error = text("error");
      const end = error === "" ? `done (confidence: ${confidence})` : error;
      return [`Specialist: ${text("specialist_id")} ${end}`];
    }
    case "orchestrator_decision":
      return [`Orchestrator: ${text("decision")} ${text("reasoning")}`.trimEnd()];
    case "causal_node":
      return [`Causal node: ${text("label")} (${text("node_type")})`];
    case "causal_edge":
      return [
        `Causal edge: ${text("source_id")} -> ${text("target_id")} (${text("relationship")})`,
      ];
    default:
      return [`Event: ${oneLine(String(event.event_type)).slice(0, 200)}`];
  }
}
