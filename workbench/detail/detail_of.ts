/**
 * What the detail pane says of an event or of a line of the timeline.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { eventTime } from "../../src/view/event_time.ts";
import { visibleJson } from "../../src/view/visible.ts";
import { duration, exact, offset } from "../format.ts";
import type { Detail, DetailLink, DetailText } from "../view/detail_view.ts";
import { nameOf, stateOf } from "../view/row_words.ts";
import { contentOf } from "./content_of.ts";
import { isChoiceOf, routesForm } from "./form_of.ts";
import { eventIdOf, type TimelineRow } from "../model/timeline_rows.ts";

/** What a detail may need to know besides. */
export interface DetailContext {
  readonly picture: RunPicture;
  readonly startedAt: number;
  readonly endsAt: number;
  /** What an event type means; "" if that is not known. */
  about(eventType: string): string;
  /** Finds an event by its id. */
  find(eventId: string | null): StreamEvent | undefined;
  /** Some events from one on. */
  from(eventId: string | null): readonly StreamEvent[];
}

/** The detail of an event; `entry` is the line that it began or ended. */
export function detailOfEvent(
  event: StreamEvent,
  entry: TimelineRow | null,
  context: DetailContext,
): Detail {
  const at = eventTime(event);
  const facts: [string, string][] = [
    ["sequence", String(parseEventId(event.event_id)?.seq ?? "–")],
    ...(at === null ? [] : [
      ["offset", `${offset(at - context.startedAt)} s`],
      ["time", event.timestamp],
    ] satisfies [string, string][]),
  ];
  const texts: DetailText[] = [];
  for (const [key, value] of Object.entries(event.data as Readonly<Record<string, unknown>>)) {
    const isLong = typeof value === "string" && (value.length > 60 || value.includes("\n"));
    const isObject = typeof value === "object" && value !== null &&
      !(Array.isArray(value) &&
        value.every((item) => typeof item === "string" && item.length < 40));
    const name = key.endsWith("_preview") ? `${key} (a preview)` : key;
    if (isLong || isObject) {
      const text = typeof value === "string" ? value : visibleJson(value, 2);
      texts.push({ name, text, tone: key === "error" ? "failed" : "data" });
    } else facts.push([name, factOf(key, value)]);
  }
  const routes = CHOICES.has(event.event_type) ? routesForm(event) : undefined;
  if (routes !== undefined) texts.unshift({ name: "routes", text: "", form: routes });
  const row = entry?.row ?? null;
  const isFailed = row?.kind === "span" && row.state === "failed" &&
    row.endEventId === event.event_id;
  return {
    isEvent: true,
    title: event.event_type,
    mark: isFailed ? "failed" : event.event_type === "bus.gap" ? "gap" : null,
    about: context.about(event.event_type),
    facts,
    texts,
    links: row === null ? [] : linksOf(row, event.event_id),
    raw: [event],
  };
}

/** The detail of a line of the timeline; null for the run itself. */
export function detailOfRow(entry: TimelineRow, context: DetailContext): Detail | null {
  const { row, lane, isLane } = entry;
  if (row === null) return null;
  const { picture, startedAt, endsAt, find } = context;
  const start = row.startedAt - startedAt;
  const facts: [string, string][] = [
    ["state", row.state],
    ["duration", duration(row.durationMs ?? (row.endedAt ?? endsAt) - row.startedAt)],
    ["from", `${offset(start)} s`],
    ["to", row.endedAt === null ? "goes on" : `${offset(row.endedAt - startedAt)} s`],
  ];
  const content = contentOf(row, picture);
  const texts: DetailText[] = [];
  const isCaptured = content.some(({ name }) => /^(?:output|result)/.test(name));
  if (row.kind === "turn") {
    if (row.firstTokenAt !== null) {
      facts.push(["first token", `after ${duration(row.firstTokenAt - row.startedAt)}`]);
    }
    if (row.model !== "") facts.push(["model", row.model]);
    if (row.spanId !== null) facts.push(["span", row.spanId]);
    if (row.tokens > 0) facts.push(["tokens", exact(row.tokens)]);
    const hints = [
      row.textIsPreview ? "a preview" : "",
      row.textHasGap ? "pieces may be missing" : "",
      row.textLeftOut > 0 ? "its end" : "",
    ].filter((hint) => hint !== "");
    const name = hints.length > 0 ? `text (${hints.join(", ")})` : "text";
    if (row.text !== "" && !isCaptured) texts.push({ name, text: row.text, side: "output" });
    if (row.error !== "") {
      texts.push({ name: "error", text: row.error, tone: "failed", side: "output" });
    }
  } else {
    if (row.waitedMs > 0) facts.push(["waited", `${duration(row.waitedMs)} for a person`]);
    if (row.attempt > 1) facts.push(["attempt", String(row.attempt)]);
    facts.push(["kind", row.role]);
    if (row.spanId !== null) facts.push(["span", row.spanId]);
    if (row.callId !== null && row.callId !== row.spanId) facts.push(["call", row.callId]);
    if (row.parent?.kind === "span") facts.push(["parent", row.parent.name]);
    if (lane !== null && !isLane) facts.push(["in", lane.name]);
    // Arguments that were captured say more than their names.
    const isKnown = content.some(({ side }) => side === "input");
    if (row.subject !== "" && !(isKnown && row.role === "tool")) {
      texts.push({ name: subjectName(row.role), text: row.subject, side: "input" });
    }
    if (row.result !== "" && !(isCaptured && row.state === "done")) {
      const isFailed = row.state === "failed";
      texts.push({
        name: isFailed ? "error" : "result (a preview)",
        text: row.result,
        tone: isFailed ? "failed" : "data",
        side: "output",
      });
    }
  }
  texts.push(...content);
  if (row.kind === "span") {
    const near = [...context.from(row.endEventId), ...context.from(row.startEventId)];
    const choice = near.find((event) => isChoiceOf(event, row));
    const form = choice && routesForm(choice);
    if (form !== undefined) texts.unshift({ name: "routes", text: "", form, side: "output" });
  }
  // What went in comes first.
  texts.sort((a, b) => Number(a.side === "output") - Number(b.side === "output"));
  const raw = [find(row.startEventId), find(row.endEventId)].filter((event) => event !== undefined);
  return {
    isEvent: false,
    title: nameOf(entry, picture),
    mark: stateOf(entry, picture),
    about: "",
    facts,
    texts,
    links: linksOf(row, null),
    raw,
  };
}

const CHOICES: ReadonlySet<string> = new Set([
  "router.protocol.selected",
  "router.protocol.no_match",
  "multiagent.graph.node.routed",
]);

function linksOf(row: PictureRow, own: string | null): DetailLink[] {
  if (row.kind === "note") return [];
  const candidates: [string, string | null][] = [
    ["begun by", row.startEventId],
    ["ended by", row.endEventId],
    ["inside of", row.parent === null ? null : eventIdOf(row.parent)],
  ];
  return candidates.flatMap(([name, eventId]) =>
    eventId === null || eventId === own
      ? []
      : [{ name: `${name} ${parseEventId(eventId)?.seq ?? eventId}`, eventId }]
  );
}

/** The catalogue publishes the names of a tool's arguments, never their values. */
function subjectName(role: string): string {
  return role === "tool" ? "arguments (their names, or what the tool tells)" : "works on";
}

function factOf(key: string, value: unknown): string {
  if (value === null) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value === "number") return key.endsWith("_ms") ? duration(value) : exact(value);
  return value === "" ? "“”" : String(value);
}
