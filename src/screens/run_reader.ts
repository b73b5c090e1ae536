import { isRecord } from "../core/describe.ts";
import type { WireEvent } from "../sse/encoder.ts";
import { type Fields, textIn } from "../view/payload.ts";
import type { SpanReading } from "../view/span_reading.ts";
import { readSpan } from "../view/span_readings.ts";
import type { Channel, Screen, ShownSpan } from "./screen.ts";

/**
 * Reads the events of a run for a foreign screen. It may begin anywhere and miss anything: an end without a beginning
 * is dropped, but for a tool call, whose beginning is told with it; a text without one begins where it is heard of.
 */
export class RunReader {
  readonly #screen: Screen;
  readonly #open = new Map<string, ShownSpan>();
  /** The model that writes without saying in which span: earlier versions did. */
  #unnamed: ShownSpan | null = null;
  #count = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Tells the screen what an event says. */
  read(event: WireEvent): void {
    const data: Fields = isRecord(event.data) ? event.data : {};
    const reading = readSpan(event.event_type, data);
    if (reading?.phase === "start") return void this.#begin(reading, data);
    if (reading !== null) return this.#end(reading, data);
    switch (event.event_type) {
      case "agent.model.chunk":
        return this.#hear(data);
      case "agent.model.completed":
        return this.#complete(data);
      case "span.content":
        return this.#keep(data);
      case "agent.model.retry":
        // Where attempts are no spans, the next one goes on where this one was.
        if (this.#unnamed !== null) {
          this.#silence(this.#unnamed, true);
          this.#closeUnnamed();
        }
    }
    this.#screen.tell(event, data, this.#spanIn(data));
  }

  /** Ends all that is going on, the innermost first. */
  endAll(): void {
    for (const span of [...this.#open.values()].reverse()) this.#close(span, undefined);
    this.#unnamed = null;
  }

  #begin(reading: SpanReading, data: Fields): ShownSpan {
    const known = this.#open.get(reading.pairKey);
    // It goes on after it waited, or was told twice.
    if (known !== undefined) return known;
    const { parentId = null } = reading;
    const parent = this.#open.get(parentId ?? "") ?? null;
    const kind = kindOf(reading, data);
    return this.#add({
      id: reading.pairKey,
      kind,
      name: reading.name,
      parent,
      owner: ownerIn(parent),
      // An agent in something unknown is in another one, more often than not.
      isInner: parent === null
        ? kind === "agent" && parentId !== null
        : parent.isInner || parent.kind === "tool" || (kind === "agent" && isInAgent(parent)),
      writing: null,
      hasText: false,
    });
  }

  #add(span: ShownSpan): ShownSpan {
    this.#open.set(span.id, span);
    this.#screen.begin(span);
    if (this.#open.size > MAX_OPEN) this.#close(this.#open.values().next().value!, undefined);
    return span;
  }

  #end(reading: SpanReading, data: Fields): void {
    let span = this.#open.get(reading.pairKey);
    if (span === undefined && reading.role === "tool") span = this.#begin(reading, data);
    if (span !== undefined) this.#close(span, reading);
  }

  #close(span: ShownSpan, reading: SpanReading | undefined): void {
    if (this.#open.get(span.id) !== span) return;
    if (span.kind === "agent") {
      for (const inner of [...this.#open.values()].reverse()) {
        if (inner.owner === span) this.#close(inner, undefined);
      }
    }
    this.#silence(span);
    this.#open.delete(span.id);
    this.#screen.end(span, reading);
  }

  #hear(data: Fields): void {
    const isText = data.channel === undefined;
    const span = this.#modelIn(data);
    if (isText) this.#write(span, "text", textIn(data, "content_preview", Infinity));
    else if (data.channel === "reasoning") {
      this.#write(span, "reasoning", textIn(data, "text", Infinity));
    }
    if (data.done === true) this.#silence(span, data.discarded === true);
  }

  #complete(data: Fields): void {
    const span = this.#modelIn(data);
    if (!span.hasText) {
      const { output } = span;
      this.#write(span, "text", typeof output === "string" ? output : textIn(data, PREVIEW));
    }
    this.#silence(span, data.discarded === true);
    if (span === this.#unnamed) this.#closeUnnamed();
  }

  #closeUnnamed(): void {
    if (this.#unnamed !== null) this.#close(this.#unnamed, undefined);
    this.#unnamed = null;
  }

  #keep(data: Fields): void {
    const span = this.#spanIn(data);
    const { kind, content, direction } = data;
    if (span?.kind === "tool" && kind === "arguments") this.#screen.callWith(span, content);
    else if (span?.kind === "tool" && kind === "result") span.output = content;
    else if (span?.kind === "agent" && kind === "text" && direction === "output") {
      span.output = content;
    } else if (span?.kind === "model" && kind === "messages" && direction === "output") {
      span.output = textsIn(content);
    }
  }

  #write(span: ShownSpan, channel: Channel, text: string): void {
    if (text === "") return;
    if (span.writing !== channel) {
      this.#silence(span);
      span.writing = channel;
      this.#screen.beginText(span, channel);
    }
    if (channel === "text") span.hasText = true;
    this.#screen.addText(span, channel, text);
  }

  #silence(span: ShownSpan, isVoid = false): void {
    if (span.writing !== null) this.#screen.endText(span, span.writing);
    span.writing = null;
    if (isVoid) this.#screen.discard(span);
  }

  /** The model call of an event, which may have begun before anybody listened. */
  #modelIn(data: Fields): ShownSpan {
    const id = textIn(data, "span_id");
    const known = id === "" ? this.#unnamed : this.#open.get(id);
    if (known) return known;
    const span = this.#add({
      id: id || `message-${++this.#count}`,
      kind: "model",
      name: "",
      parent: null,
      owner: null,
      isInner: false,
      writing: null,
      hasText: false,
    });
    if (id === "") this.#unnamed = span;
    return span;
  }

  #spanIn(data: Fields): ShownSpan | null {
    return this.#open.get(textIn(data, "span_id")) ?? null;
  }
}

/** The nested agent that does what is in a span. */
export function ownerIn(span: ShownSpan | null): ShownSpan | null {
  return span?.kind === "agent" && span.isInner ? span : span?.owner ?? null;
}

function kindOf({ role }: SpanReading, { kind }: Fields): ShownSpan["kind"] {
  if (role === "agent" || role === "tool") return role;
  return role === "span" && kind === "model" ? kind : "step";
}

function isInAgent(span: ShownSpan | null): boolean {
  while (span !== null && span.kind !== "agent") span = span.parent;
  return span !== null;
}

/** What the parts of messages say, without thoughts and calls. */
function textsIn(messages: unknown): string {
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [];
  return list.flatMap((message) => {
    const parts = isRecord(message) && Array.isArray(message.parts) ? message.parts : [];
    return parts.map((part) => isRecord(part) && part.type === "text" ? String(part.content) : "");
  }).join("");
}

const PREVIEW = "content_preview";
// What is never ended must not be kept for good.
const MAX_OPEN = 10_000;
