import { OpenIds } from "../recorder/open_ids.ts";
import { type BridgeOptions, recordCall } from "../recorder/record_call.ts";
import { type Fields, fieldsOf, textIn } from "../recorder/fields.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanBeginning, SpanEnding, SpanKind } from "../recorder/span_options.ts";
import { noteThread, takeThread, type Waiting } from "./threads.ts";
import { lastText } from "./values.ts";

/** One call from outside: what it runs, however deep, belongs to one recorder. */
interface Call {
  readonly recorder: SpanRecorder;
  /** The id of what was called. */
  readonly top: string;
  /** The ids of all that runs in it now. */
  readonly ids: Set<string>;
  readonly threadId: string | undefined;
  /** What it goes on after. */
  readonly resumed: Waiting | undefined;
  /** Whether it has asked a person. */
  waits: boolean;
}

/** Where something that LangChain runs is recorded: a span of its own, or the span around it. */
export interface Spot {
  readonly call: Call;
  readonly key: string;
  /** Of a node: which place in its thread it is, before and after it waits. */
  readonly namespace?: string;
}

/** What the hooks for the beginning of something say of it. */
export interface Begun {
  readonly id: string;
  readonly parent: string | undefined;
  /** What was handed in, for the title of a run. */
  readonly input: unknown;
  readonly metadata: Fields;
}

/** All that runs under one handler, by LangChain's run ids. */
export class OpenCalls {
  readonly #options: BridgeOptions;
  readonly #spots = new OpenIds<Spot>("langchain");

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  get(id: string | undefined): Spot | undefined {
    return this.#spots.get(id ?? "");
  }

  recorderOf(id: string): SpanRecorder | undefined {
    return this.#spots.get(id)?.call.recorder;
  }

  /** What is not a span of its own stands for the one around it. */
  join(id: string, spot: Spot): void {
    spot.call.ids.add(id);
    this.#spots.set(id, spot);
  }

  open(kind: SpanKind, begun: Begun, beginning: SpanBeginning): void {
    const { id, parent } = begun;
    const around = this.#spots.get(parent ?? "");
    if (around === undefined) return this.#call(kind, begun, beginning);
    this.join(id, { call: around.call, key: id, namespace: namespaceOf(begun) });
    around.call.recorder.open(kind, id, { ...beginning, parent: around.key });
  }

  /** Something is called from outside. */
  #call(kind: SpanKind, { id, input, metadata }: Begun, beginning: SpanBeginning): void {
    if (this.#spots.isTaken(id)) return;
    const threadId = textIn(metadata, "thread_id");
    // Only an answer goes on with what waits.
    const resumed = fieldsOf(input).resume === undefined ? undefined : takeThread(threadId);
    const answers = resumed?.questions;
    const { name } = beginning;
    const place = recordCall("langchain", this.#options, {
      name,
      input: () => lastText(input),
      answers,
    });
    if (place === undefined) return;
    const { recorder, end } = place;
    const ids = new Set<string>();
    this.join(id, { call: { recorder, top: id, ids, threadId, resumed, waits: false }, key: id });
    const onClose = (ending: SpanEnding) => {
      for (const id of ids) this.#spots.delete(id);
      end(ending);
    };
    recorder.open(kind, id, { ...beginning, answers, onClose });
  }

  content(
    id: string,
    direction: "input" | "output",
    kind: "text" | "messages" | "documents",
    make: () => unknown,
  ): void {
    const recorder = this.recorderOf(id);
    if (recorder?.runAt(id).content) {
      recorder.content(id, direction, kind, make());
    }
  }

  close(id: string, ending: SpanEnding): void {
    const spot = this.#spots.get(id);
    if (spot === undefined) return;
    if (spot.key === id) spot.call.recorder.close(id, ending);
    this.#spots.delete(id);
    spot.call.ids.delete(id);
  }

  fail(id: string, error: unknown): void {
    const kind = this.recorderOf(id)?.kindOf(id);
    const { name, message } = fieldsOf(error);
    if (name === "GraphInterrupt" || name === "NodeInterrupt") {
      return this.#interrupted(id, kind);
    }
    // The way in which a graph tells the one around it where to go on.
    if (name === "ParentCommand") return this.close(id, {});
    if (message === "Abort" || message === "Aborted") {
      return this.close(id, { cancelled: true });
    }
    const isLimit = name === "GraphRecursionError";
    this.close(id, { error, ...isLimit && { reason: "max_iterations", errorKind: "limit" } });
  }

  #interrupted(id: string, kind: SpanKind | undefined): void {
    if (kind === "node") {
      const { call, namespace = "" } = this.#spots.get(id)!;
      if (call.threadId !== undefined) {
        noteThread(call.threadId).places.add(namespace);
      }
      return this.close(id, { status: "interrupted" });
    }
    if (kind === "agent") return this.close(id, { reason: "interrupted" });
    this.close(id, { error: new DOMException("waits for a person", "Interrupted") });
  }
}

/** Which place in its thread something is, before and after it waits. */
export function namespaceOf({ metadata }: Begun): string {
  return textIn(metadata, "langgraph_checkpoint_ns") ?? "";
}
