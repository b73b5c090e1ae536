import type { EventType } from "../events/catalogue/mod.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { toStopReason } from "../events/stop_reason.ts";
import { checkEvent } from "../core/checks.ts";
import { describe } from "../core/options.ts";

/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The levels, from what matters least to what matters most. */
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * The level of an event.
 *
 * - `error`: something failed. - `warn`: a person should know of it.
 * - `debug`: frequent steps. - `info`: everything else, events of your own included.
 *
 * @example What matters
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { levelOf } from "@locus/core/consumers";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.sync", data: { success: false } });
 * assertEquals(bus.history().map(levelOf), ["error"]);
 * ```
 */
export function levelOf(event: StreamEvent): LogLevel {
  checkEvent("levelOf(): expected", event);
  const data = event.data as Readonly<Record<string, unknown>>;
  if (hasFailed(event.event_type, data)) return "error";
  if (WARNINGS.has(event.event_type) || data["allow"] === false) return "warn";
  return DETAILS.has(event.event_type) ? "debug" : "info";
}

/** Which levels matter at least as much. @throws {TypeError} If `least` is not a level. */
export function levelsFrom(owner: string, least: LogLevel): ReadonlySet<LogLevel> {
  if (LOG_LEVELS.includes(least)) return new Set(LOG_LEVELS.slice(LOG_LEVELS.indexOf(least)));
  const rule = `one of ${LOG_LEVELS.join(", ")}`;
  throw new TypeError(`${owner}: "level" must be ${rule}, got ${describe(least)}`);
}

function hasFailed(eventType: string, data: Readonly<Record<string, unknown>>): boolean {
  if (eventType === "agent.terminate") return toStopReason(String(data["reason"])) === "error";
  return data["success"] === false || data["is_error"] === true || data["status"] === "failed" ||
    (typeof data["error"] === "string" && data["error"] !== "");
}

const WARNINGS: ReadonlySet<string> = new Set<EventType>([
  "agent.guardrail.triggered",
  "agent.interrupt",
  "agent.model.retry",
  "agent.steering.applied",
  "bus.error",
  "bus.gap",
  "constraint_violation",
  "node_stalled",
  "router.protocol.no_match",
  "state_conflict",
]);

const DETAILS: ReadonlySet<string> = new Set<EventType>([
  "agent.model.chunk",
  "agent.tokens.used",
  "client_output_delta",
  "llm_reasoning_delta",
  "llm_text_delta",
  "span.completed",
  "span.content",
  "span.linked",
  "span.started",
]);
