import { attempt } from "../recorder/fence.ts";
import { fieldsOf, textIn } from "../recorder/fields.ts";
import { OpenIds } from "../recorder/open_ids.ts";
import {
  type BridgeOptions,
  checkBridgeOptions,
  recordCall,
  type RecordedCall,
} from "../recorder/record_call.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanKind } from "../recorder/span_options.ts";
import {
  answerOf,
  answersOf,
  beginningOf,
  endingOf,
  kindOf,
  type MastraEvent,
  type MastraSpan,
  messagesOf,
  nameOf,
  questionId,
  questionOf,
} from "./spans.ts";

/** All spans below one that no other is around. */
interface Tree {
  /** Undefined as long as nothing shows; null where nothing is recorded. */
  call?: RecordedCall | null;
}

/** A span that is open. */
interface Place {
  readonly tree: Tree;
  readonly isTop: boolean;
  readonly kind: SpanKind | undefined;
  /** The key of the span of ours that it is, or is part of. */
  readonly key: string | undefined;
  /** Of the nearest agent: why its last model call stopped. */
  readonly agent: { finish?: string };
  /** Of a step: what its model is asked. */
  readonly step: { asked?: unknown };
}

/**
 * An exporter for Mastra's observability, beside the exporters that you have: `exporters: [new LocusExporter()]`. It shows agents,
 * model calls, tools, questions to people, workflows and their steps.
 *
 * - **Where:** a call inside of a run becomes part of it. Any other call becomes a run of its own, unless `runs` says
 *   otherwise.
 * - **As it happens,** but whole: Mastra's spans say nothing of text that streams.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export class LocusExporter {
  /** The name of the exporter, as Mastra prints it. */
  readonly name = "locus";
  readonly #options: BridgeOptions;
  readonly #open = new OpenIds<Place>("mastra");

  /** Makes an exporter. */
  constructor(options: BridgeOptions = {}) {
    checkBridgeOptions("LocusExporter", options);
    this.#options = options;
  }

  /** A span begins, is known better, or ends. */
  exportTracingEvent(event: MastraEvent): Promise<void> {
    attempt(() => {
      const { type, exportedSpan: span } = event;
      if (this.#open.isTaken(span.id)) return;
      if (type === "span_started") this.#start(span);
      else if (type === "span_ended") this.#end(span);
      else if (span.type === "model_step") this.#note(span);
    });
    return Promise.resolve();
  }

  /** Nothing is held back. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is held back. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #start(span: MastraSpan): void {
    const around = this.#open.get(span.parentSpanId ?? "");
    const tree = around?.tree ?? {};
    const kind = kindOf(span);
    if (kind !== undefined && tree.call === undefined) {
      tree.call = recordCall("mastra", this.#options, {
        name: nameOf(span),
        input: () => questionOf(span),
        answers: answersOf(span),
      }) ?? null;
    }
    const recorder = kind && tree.call?.recorder;
    this.#open.set(span.id, {
      tree,
      isTop: around === undefined,
      kind: recorder && kind,
      key: recorder ? span.id : around?.key,
      agent: kind === "agent" || !around ? {} : around.agent,
      step: span.type === "model_step" || !around ? {} : around.step,
    });
    if (!recorder) return;
    recorder.open(kind!, span.id, { ...beginningOf(kind!, span), parent: around?.key });
    if (kind === "agent") recorder.content(span.id, "input", "text", questionOf(span));
  }

  /** What a model is asked is said of the step around it. */
  #note({ id, input }: MastraSpan): void {
    const place = this.#open.get(id);
    if (place !== undefined) place.step.asked = input;
  }

  #end(span: MastraSpan): void {
    const place = this.#open.get(span.id);
    if (place === undefined) return;
    this.#open.delete(span.id);
    const { tree, isTop, kind, agent, step } = place;
    const recorder = tree.call?.recorder;
    if (recorder !== undefined && kind !== undefined) {
      if (kind === "model") {
        agent.finish = textIn(span.attributes, "finishReason");
        if (recorder.runAt(span.id).content) {
          recorder.content(span.id, "input", "messages", messagesOf(step.asked));
          recorder.content(span.id, "output", "messages", [answerOf(span.output)]);
        }
      }
      if (kind === "agent" && textIn(span.output, "status") === "suspended") {
        this.#suspend(recorder, span);
      } else recorder.close(span.id, endingOf(kind, span, agent.finish));
    }
    if (isTop) tree.call?.end();
  }

  /** An agent waits: for the approval of a tool, or for what a tool asks. */
  #suspend(recorder: SpanRecorder, span: MastraSpan): void {
    const { toolName, toolCallId, reason } = fieldsOf(span.output);
    const isApproval = reason === "tool-call-approval";
    recorder.interrupt(span.id, {
      id: questionId(span, String(toolCallId)),
      question: isApproval ? `Run ${toolName}?` : `${toolName ?? "The agent"} waits for an answer`,
      options: isApproval ? ["approve", "decline"] : null,
    });
    recorder.close(span.id, { waits: true });
  }
}
