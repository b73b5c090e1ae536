/**
 * What the event list is filtered by: words that must all match.
 *
 * - A word with a dot or a star is a type or its beginning: `agent.tool.*`, `*.completed`, `agent.think`.
 * - `seq:17` and `seq:17-40` are places; `-word` excludes; anything else is looked for in type and payload.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";

/** Whether an event is to be shown. */
export type EventFilter = (event: StreamEvent) => boolean;

/** Reads a filter; null if it lets everything through. */
export function compileFilter(text: string): EventFilter | null {
  const tests = text.trim().split(/\s+/).filter((word) => word !== "" && word !== "-").map(toTest);
  if (tests.length === 0) return null;
  return (event) => tests.every((test) => test(event));
}

function toTest(word: string): EventFilter {
  if (word.startsWith("-")) {
    const test = toTest(word.slice(1));
    return (event) => !test(event);
  }
  const range = /^seq:(\d{1,15})(?:-(\d{1,15}))?$/.exec(word);
  if (range !== null) {
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    return (event) => {
      const seq = parseEventId(event.event_id)?.seq ?? -1;
      return seq >= from && seq <= to;
    };
  }
  if (/^[\w:*.-]+$/.test(word) && /[*.]/.test(word)) {
    const pattern = toPattern(word);
    // A file's name has a dot as well.
    const inText = word.includes("*") ? null : toTextTest(word);
    return (event) => pattern.test(event.event_type) || (inText?.(event) ?? false);
  }
  return toTextTest(word);
}

/** A pattern without nested repetition, so that no filter can take forever. */
function toPattern(word: string): RegExp {
  const parts = word.split(/\*+/).map((part) => part.replaceAll(/[.\-]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`, "i");
}

function toTextTest(word: string): EventFilter {
  const wanted = word.toLowerCase();
  return (event) => event.event_type.includes(wanted) || textOf(event).includes(wanted);
}

/** The payload as text to search in. It costs as much memory as the event, so only searching makes it. */
function textOf(event: StreamEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = JSON.stringify(event.data).toLowerCase();
    texts.set(event, text);
  }
  return text;
}

const texts = new WeakMap<StreamEvent, string>();
