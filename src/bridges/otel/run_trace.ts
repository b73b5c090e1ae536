import { type Attributes, SpanStatusCode } from "@opentelemetry/api";
import type { StreamEvent } from "../../events/stream_event.ts";
import { isSuccess, toStopReason } from "../../events/stop_reason.ts";
import { type Fields, numberIn, textIn } from "../../view/payload.ts";
import {
  type PictureRow,
  type PictureSpan,
  type PictureTurn,
  visitRows,
} from "../../view/picture_rows.ts";
import { RunPicture } from "../../view/run_picture.ts";
import { ownAttributes, payloadAttributes } from "./content.ts";
import { genAiAttributes, operationOf } from "./gen_ai.ts";
import type { RunMetrics } from "./run_metrics.ts";
import type { RunSpans, RunSurroundings, SpanSettings } from "./run_spans.ts";
import { contentAttributes } from "./span_content.ts";
import { modelLabels, setFailed, spanAround } from "./span_facts.ts";

/** What all runs have in common. */
export interface TraceSettings extends SpanSettings {
  readonly metrics: RunMetrics;
}

/** A run whose trace has begun. */
export interface BegunRun {
  readonly surroundings: RunSurroundings;
  readonly spans: RunSpans;
}

/**
 * The trace of one run: reads its events. Which of them begins and ends what, and what that is part of, is the
 * picture's to say.
 */
export class RunTrace {
  readonly #settings: TraceSettings;
  readonly #modelLabels: Attributes;
  readonly #picture: RunPicture;
  /** Its spans. */
  readonly spans: RunSpans;
  #isAgent = false;
  #agentSince: number | null = null;
  #latest: number;

  constructor(
    runId: string,
    settings: TraceSettings,
    { surroundings, spans }: BegunRun,
    first: StreamEvent,
  ) {
    this.#settings = settings;
    this.#modelLabels = modelLabels(surroundings.attributes);
    this.#picture = new RunPicture(runId, {
      maxRows: MAX_ROWS,
      maxTextLength: 1,
      // Kept only for whoever asks for it.
      maxContentBytes: settings.recordContent ? MAX_CONTENT_BYTES : 1,
    });
    this.#latest = timeOf(first) ?? Date.now();
    this.spans = spans;
  }

  /** Adds what an event says. */
  add(event: StreamEvent): void {
    this.#latest = Math.max(this.#latest, timeOf(event) ?? 0);
    const row = this.#picture.add(event);
    if ((event.event_type as string) === "span.content") return this.#content(row, event.data);
    this.#count(event, row);
    const place = row === null ? null : spanAround(row);
    if (event.event_type === "agent.terminate") {
      this.#terminate(event.data as Fields, placed(event.data as Fields, row, place));
    }
    if (event.event_type === "run.completed") this.#complete(event.data as Fields);
    if (row?.kind === "turn") this.#turn(row, event);
    else if (row?.kind === "span") this.#work(row, event);
    else if (row?.kind === "note") this.#addEvent(event, place);
  }

  /** Ends all that is open: nothing will follow. */
  end(): void {
    this.#picture.close();
    const lost: PictureRow[] = [];
    // Those that began and were left unfinished have no span yet.
    visitRows(this.#picture.rows, (row) => {
      if (row.kind !== "note" && row.state === "lost" && !this.spans.has(row)) lost.push(row);
    });
    for (const row of lost) this.spans.spanOf(row);
    const { summary } = this.#picture;
    this.spans.root.setAttributes({
      "locus.tool_calls": summary.tool_calls,
      "locus.errors": summary.errors,
      "locus.missed_events": summary.missed_events,
      [INPUT_TOKENS]: summary.prompt_tokens,
      [OUTPUT_TOKENS]: summary.completion_tokens,
    });
    this.spans.end(this.#latest);
  }

  #content(row: PictureRow | null, data: Fields): void {
    if (row === null) return;
    const { conversation } = this.#picture;
    this.spans.note(row, contentAttributes(data, conversation, this.#settings));
  }

  #count(event: StreamEvent, row: PictureRow | null): void {
    if (event.event_type.startsWith("agent.")) this.#agentSince ??= this.#latest;
    const said = event.event_type === "agent.terminate"
      ? numberIn(event.data as Fields, "duration_ms")
      : null;
    const agentMs = said ?? this.#latest - (this.#agentSince ?? this.#latest);
    this.#settings.metrics.add(event, this.#labelsOf(row), agentMs);
    if (event.event_type === "agent.terminate") this.#agentSince = null;
  }

  #turn(turn: PictureTurn, event: StreamEvent): void {
    // A recording without spans of agents has one agent, at the top of the run.
    if (!this.#isAgent && spanAround(turn) === null) this.#becomeAgent();
    const data = event.data as Fields;
    switch (event.event_type) {
      case "span.started":
        this.spans.note(turn, { ...this.#conversationOf(turn), ...this.#genAi(data) });
        this.spans.expect(turn);
        break;
      case "span.completed":
        this.spans.note(turn, this.#genAi(data));
        break;
      case "agent.tokens.used":
        // Its span says it all.
        if (turn.spanId === null) this.#addTokens(turn, data);
        break;
      case "agent.model.completed": {
        const reason = textIn(data, "stop_reason");
        if (reason !== "") this.spans.note(turn, { "gen_ai.response.finish_reasons": [reason] });
        this.spans.note(turn, payloadAttributes(event.event_type, data, this.#settings));
        break;
      }
      case "agent.think":
        this.spans.note(turn, payloadAttributes(event.event_type, data, this.#settings));
    }
    if (turn.state === "running" || turn.state === "lost") return;
    if (turn.spanId === null ? this.spans.has(turn) : event.event_id !== turn.endEventId) return;
    this.#settings.metrics.modelCall(turn.durationMs ?? 0, this.#labelsOf(turn));
    this.spans.finish(turn);
  }

  /** What is known of a model: from those who registered, or from the call itself. */
  #labelsOf(row: PictureRow | null): Attributes {
    const noted = row?.kind === "turn" ? modelLabels(this.spans.noted(row)) : {};
    return { ...noted, ...this.#modelLabels };
  }

  #genAi({ kind, attributes }: Fields): Attributes {
    return genAiAttributes(kind, attributes, this.#settings.conventions);
  }

  /** The conversation that a model call is part of: its agent's. Some backends group calls by that. */
  #conversationOf(turn: PictureTurn): Attributes {
    const agent = spanAround(turn);
    const id = agent === null ? undefined : this.spans.noted(agent)[CONVERSATION];
    return id === undefined ? {} : { [CONVERSATION]: id };
  }

  #becomeAgent(): void {
    this.#isAgent = true;
    this.spans.root.updateName("invoke_agent");
    this.spans.root.setAttribute("gen_ai.operation.name", "invoke_agent");
  }

  #work(row: PictureSpan, event: StreamEvent): void {
    const data = event.data as Fields;
    const isEnd = event.event_id === row.endEventId;
    if (isEnd || event.event_id === row.startEventId) {
      this.spans.note(row, {
        ...payloadAttributes(event.event_type, data, this.#settings),
        ...row.role === "agent"
          ? this.#genAi({ ...data, kind: "agent" })
          : ownAttributes(data["attributes"], this.#settings),
        ...operationOf(data["kind"], row.name, this.#settings.conventions),
      });
    } else if (event.event_type !== "span.linked") this.#addEvent(event, row);
    if (isEnd && row.endedAt !== null) this.spans.finish(row);
    else if (event.event_id === row.startEventId) this.spans.expect(row);
  }

  #terminate(data: Fields, place: PictureSpan | null): void {
    const reason = toStopReason(textIn(data, "reason"));
    const facts: Attributes = {
      ...payloadAttributes("agent.terminate", data, this.#settings),
      "locus.success": typeof data["success"] === "boolean" ? data["success"] : isSuccess(reason),
    };
    if (place !== null) return this.spans.note(place, facts);
    const { root } = this.spans;
    root.setAttributes(facts);
    if (reason !== "error") return;
    root.setAttribute("error.type", "_OTHER");
    root.setStatus({ code: SpanStatusCode.ERROR });
  }

  #complete(data: Fields): void {
    const outcome = textIn(data, "outcome");
    const { root } = this.spans;
    root.setAttribute("locus.outcome", outcome);
    if (outcome === "error") setFailed(root, textIn(data, "error"), this.#settings);
  }

  #addEvent(event: StreamEvent, place: PictureSpan | null): void {
    const attributes = payloadAttributes(event.event_type, event.data as Fields, this.#settings);
    this.spans.spanOf(place)?.addEvent(event.event_type, attributes, new Date(this.#latest));
  }

  #addTokens(turn: PictureTurn, data: Fields): void {
    const before = this.spans.noted(turn);
    const sum = (key: string, more: string) =>
      Number(before[key] ?? 0) + Math.max(0, numberIn(data, more) ?? 0);
    this.spans.note(turn, {
      [INPUT_TOKENS]: sum(INPUT_TOKENS, "prompt_tokens"),
      [OUTPUT_TOKENS]: sum(OUTPUT_TOKENS, "completion_tokens"),
    });
  }
}

/** The agent that ended, also where it had no turn. */
function placed(
  data: Fields,
  row: PictureRow | null,
  place: PictureSpan | null,
): PictureSpan | null {
  if (row?.kind === "span") return row.spanId === textIn(data, "span_id") ? row : place;
  return place;
}

function timeOf({ timestamp }: StreamEvent): number | null {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}

const MAX_CONTENT_BYTES = 16 * 1024 * 1024;
const CONVERSATION = "gen_ai.conversation.id";
const INPUT_TOKENS = "gen_ai.usage.input_tokens";
const OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

const MAX_ROWS = 2_000;
