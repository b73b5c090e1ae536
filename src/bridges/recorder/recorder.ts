import { checkRun, checkText } from "../../core/checks.ts";
import { summarize } from "../../core/error_text.ts";
import type { AnyRun, Run } from "../../core/run/run.ts";
import { ambientRun, findOpen, scopeOf } from "../../core/run/run_context.ts";
import type { SpanContent } from "../../events/catalogue/span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { RecordedAgent } from "./recorded_agent.ts";
import { RecordedHandoff } from "./recorded_handoff.ts";
import { type DeltaChannel, RecordedModel } from "./recorded_model.ts";
import { RecordedNode } from "./recorded_node.ts";
import type { Place, RecordedSpan } from "./recorded_span.ts";
import { RecordedTool } from "./recorded_tool.ts";
import { RecordedWork } from "./recorded_work.ts";
import type { SpanBeginning, SpanEnding, SpanKey, SpanKind } from "./span_options.ts";
import { addWaiting, deleteWaiting, findWaiting } from "./waiting_agents.ts";

/** What a bridge said that does not fit together: how often. Look at it in tests. */
export interface Oddities {
  /** A span was to be opened in one that is not open. It was placed where the calling code is. */
  unknownParent: number;
  /** Something was said of a span that is not open. It was dropped. */
  unknownKey: number;
  /** A span that is open was to be opened. It was left as it is. */
  openedTwice: number;
  /** A span was closed because the span around it, or the run, was over. */
  abandoned: number;
  /** Telling failed, because of what was handed over. The first time is printed. */
  failed: number;
}

/**
 * Tells a run what another framework does. The framework's hooks say what happened under the framework's own keys;
 * the recorder makes events of it that keep the rules: each span begins and ends once, children end before their
 * parents, each agent says once how it ended, and known secrets are taken out.
 *
 * - **Never in the way:** no method throws or waits, and nothing that is handed over is kept or changed.
 * - **The end:** closing a span closes what is open in it, as cancelled. When the run ends, everything is closed.
 * - **Unknown keys** are counted in {@linkcode SpanRecorder.odd} and published nowhere.
 * - **Bounded:** with more than 10,000 open spans, the oldest is closed.
 */
export class SpanRecorder {
  /** What did not fit together. */
  readonly odd: Oddities = {
    unknownParent: 0,
    unknownKey: 0,
    openedTwice: 0,
    abandoned: 0,
    failed: 0,
  };
  readonly #run: Run;
  readonly #source: string;
  readonly #spans = new Map<SpanKey, RecordedSpan>();
  readonly #byId = new Map<string, RecordedSpan>();

  /** Use {@linkcode recorderFor}, which also ends it with its run. */
  constructor(run: AnyRun, source: string) {
    this.#run = run;
    this.#source = source;
  }

  /** A span begins. */
  open(kind: SpanKind, key: SpanKey, beginning: SpanBeginning): void {
    this.#attempt(() => {
      if (this.#spans.has(key)) return void this.odd.openedTwice++;
      const [parent, outer] = this.#placeOf(beginning.parent);
      const place = { key, kind, parent, outer, source: this.#source };
      let span;
      try {
        span = this.#begin(place, beginning);
      } catch (error) {
        beginning.onClose?.({});
        throw error;
      }
      this.#spans.set(key, span);
      this.#byId.set(span.id, span);
      parent?.children.add(span);
      if (this.#spans.size > MAX_OPEN) this.#abandon(this.#spans.values().next().value!);
    });
  }

  /** A piece of what a model is writing. An empty piece of `tool_input` says that it calls a tool. */
  delta(model: SpanKey, text: string, channel: DeltaChannel = "text"): void {
    this.#attempt(() => {
      const span = this.#find(model);
      if (span instanceof RecordedModel) span.delta(text, channel);
    });
  }

  /** A span is over, or waits for a person. */
  close(key: SpanKey, ending: SpanEnding = {}): void {
    this.#attempt(() => {
      const span = this.#find(key);
      if (span !== undefined) this.#close(span, ending);
    });
  }

  /** An agent asks a person. Close its span with `waits` if it does not go on before there is an answer. */
  interrupt(
    key: SpanKey,
    question: { id: string; question: string; options?: readonly string[] | null },
  ): void {
    this.#attempt(() => {
      const span = this.#find(key);
      const agent = span && agentAround(span);
      agent?.ask(question.id, question.question, question.options ?? null);
    });
  }

  /** Publishes any other event, with the span that it happened in as `span_id`. */
  say(key: SpanKey, eventType: string, data: Readonly<Record<string, unknown>>): void {
    this.#attempt(() => {
      const span = this.#find(key);
      span?.run.emit(eventType, { span_id: span.id, ...defaultRedactor().data(data) });
    });
  }

  /**
   * Publishes what went into a span or came out of it, if the run asks for content. The messages of an agent's model
   * calls are published once each, however often they are sent.
   */
  content(
    key: SpanKey,
    direction: SpanContent["direction"],
    kind: SpanContent["kind"],
    value: unknown,
  ): void {
    this.#attempt(() => this.#find(key)?.content(direction, kind, value));
  }

  /** Whether a span is open. */
  has(key: SpanKey): boolean {
    return this.#spans.has(key);
  }

  /** What an open span is. */
  kindOf(key: SpanKey): SpanKind | undefined {
    return this.#spans.get(key)?.kind;
  }

  /**
   * The run, as seen from inside of a span. Run the framework's work there, with `enterSpan()`, and what that work
   * opens finds its place.
   */
  runAt(key: SpanKey): Run {
    return this.#spans.get(key)?.run ?? this.#run;
  }

  /** Closes all that is open, children first; what ended counts as left by its reader, unless `ending` says more. */
  end(ending: SpanEnding = { error: new DOMException("its reader left", "AbortError") }): void {
    for (const span of [...this.#spans.values()].reverse()) this.#abandon(span, ending);
  }

  #begin(place: Place, beginning: SpanBeginning): RecordedSpan {
    const agent = place.parent && agentAround(place.parent);
    switch (place.kind) {
      case "agent": {
        const waited = findWaiting(this.#run.bus, this.#source, beginning.answers ?? []);
        if (waited !== undefined) deleteWaiting(waited);
        return new RecordedAgent(place, beginning, waited);
      }
      case "model":
        return new RecordedModel(place, beginning, agent);
      case "tool":
        return new RecordedTool(place, beginning, agent);
      case "node":
        return new RecordedNode(place, beginning);
      case "handoff":
        return new RecordedHandoff(place, beginning);
      default:
        return new RecordedWork(place, beginning);
    }
  }

  #close(span: RecordedSpan, ending: SpanEnding): void {
    for (const child of [...span.children].reverse()) this.#abandon(child, { cancelled: true });
    this.#spans.delete(span.key);
    this.#byId.delete(span.id);
    try {
      if (ending.waits && span instanceof RecordedAgent) {
        // Still its parent's, which ends it if it ends first.
        span.suspend();
        addWaiting(span);
      } else {
        span.parent?.children.delete(span);
        span.end(ending);
      }
    } finally {
      span.onClose?.(ending);
    }
  }

  #abandon(span: RecordedSpan, ending: SpanEnding = { cancelled: true }): void {
    this.#attempt(() => {
      if (this.#spans.get(span.key) === span) {
        this.odd.abandoned++;
        return this.#close(span, ending);
      }
      if (!span.parent?.children.has(span)) return;
      // It waits, inside of something that is over.
      if (span instanceof RecordedAgent) deleteWaiting(span);
      span.end(ending);
    });
  }

  /** Where a span begins: the span around it, if it is one of these, and the run as seen from there. */
  #placeOf(parent: SpanKey | undefined): [RecordedSpan | null, Run] {
    if (parent !== undefined) {
      const span = this.#spans.get(parent);
      if (span !== undefined) return [span, span.run];
      this.odd.unknownParent++;
    }
    const here = findOpen(ambientRun());
    const run = here !== undefined && scopeOf(here) === scopeOf(this.#run) ? here : this.#run;
    return [this.#byId.get(run.spanId ?? "") ?? null, run];
  }

  #find(key: SpanKey): RecordedSpan | undefined {
    const span = this.#spans.get(key);
    if (span === undefined) this.odd.unknownKey++;
    return span;
  }

  /** A bridge never breaks the host that it observes. */
  #attempt(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      if (this.odd.failed++ > 0) return;
      console.error(`Locus: the bridge "${this.#source}" failed to tell: ${summarize(error)}`);
    }
  }
}

const MAX_OPEN = 10_000;

function agentAround(span: RecordedSpan): RecordedAgent | null {
  let at: RecordedSpan | null = span;
  while (at !== null && !(at instanceof RecordedAgent)) at = at.parent;
  return at;
}

const recorders = new WeakMap<object, Map<string, SpanRecorder>>();

/**
 * The recorder of a run: one for each run and bridge, however often it is asked for. What is open when the run ends is
 * closed before `run.completed`.
 *
 * @param source The name of the bridge; spans have it as their attribute `source`.
 * @throws {TypeError} If `run` is not a run, or `source` no text.
 */
export function recorderFor(run: AnyRun, source: string): SpanRecorder {
  const owner = "recorderFor()";
  checkRun(`${owner}: expected`, run);
  checkText(owner, "source", source);
  const scope = scopeOf(run);
  const ofRun = recorders.get(scope) ?? new Map<string, SpanRecorder>();
  recorders.set(scope, ofRun);
  let recorder = ofRun.get(source);
  if (recorder === undefined) {
    ofRun.set(source, recorder = new SpanRecorder(run, source));
    run.onEnd(() => recorder!.end());
  }
  return recorder;
}
