import type { WireEvent } from "../sse/encoder.ts";
import { makeIterable } from "../sse/iterable_stream.ts";
import type { Fields } from "../view/payload.ts";
import type { SpanReading } from "../view/span_reading.ts";

/** A piece of work that is going on, as foreign screens know it: whatever is none of the others is a step. */
export interface ShownSpan {
  readonly id: string;
  readonly kind: "agent" | "model" | "tool" | "step";
  readonly name: string;
  /** What it is part of; null at the top, and where that is not known. */
  readonly parent: ShownSpan | null;
  /** The nested agent that does it; null if it is work of the run itself. */
  readonly owner: ShownSpan | null;
  /** Whether it is inside of a tool or of a nested agent, or is one: it has no part in the answer of the run. */
  readonly isInner: boolean;
  /** What a model is writing. */
  writing: Channel | null;
  /** Whether a model has written a part of its answer. */
  hasText: boolean;
  /** What came out of it, where content is published. */
  output?: unknown;
}

/** A model writes its answer, or what it thinks. */
export type Channel = "text" | "reasoning";

/** What a foreign screen is told, in its order: each span begins and ends once, and so does each text. */
export interface Screen {
  begin(span: ShownSpan): void;
  /** @param reading Undefined if its end was never said. All that it owns has ended. */
  end(span: ShownSpan, reading: SpanReading | undefined): void;
  beginText(span: ShownSpan, channel: Channel): void;
  addText(span: ShownSpan, channel: Channel, text: string): void;
  endText(span: ShownSpan, channel: Channel): void;
  /** What a model has written is void. */
  discard(span: ShownSpan): void;
  /** What a tool is called with, where content is published. */
  callWith(span: ShownSpan, args: unknown): void;
  /** All other events. @param span Where it happened. */
  tell(event: WireEvent, data: Fields, span: ShownSpan | null): void;
}

/** Makes the messages of another protocol of a run's events. */
export interface ScreenWriter<T> {
  /** What the next event comes to, none or several. `bus.end` is the end. */
  write(event: WireEvent): T[];
  /** What is left to say where no event follows. */
  finish(): T[];
  /** The stream broke for a reason that is found under this id. */
  fail(correlationId: string): T[];
}

/** A stream of events becomes one of messages. */
export function transform<T>(writer: ScreenWriter<T>): TransformStream<WireEvent, T> {
  const stream = new TransformStream<WireEvent, T>({
    transform(event, controller) {
      for (const message of writer.write(event)) controller.enqueue(message);
    },
    flush(controller) {
      for (const message of writer.finish()) controller.enqueue(message);
    },
  });
  makeIterable(stream.readable);
  return stream;
}

/** Content as a text: JSON, if it is none. */
export function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content) ?? "";
}
