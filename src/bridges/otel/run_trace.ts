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
import type { RunMetrics } from "./run_metrics.ts";
import { RunSpans, type RunSurroundings, type SpanSettings } from "./run_spans.ts";
import { modelLabels, spanAround } from "./span_facts.ts";

/** What all runs have in common. */
export interface TraceSettings extends SpanSettings {
  readonly metrics: RunMetrics;
}

/**
 * The trace of one run: reads its events. Which of them begins and ends what, and what that is part of, is the
 * picture's to say.
 */
export class RunTrace {
  readonly #settings: TraceSettings;
  readonly #modelLabels: Attributes;
  readonly #picture: RunPicture;
  readonly #spans: RunSpans;
  #isAgent = false;
  #agentSince: number | null = null;
  #latest: number;

  constructor(
    runId: string,
    settings: TraceSettings,
    surroundings: RunSurroundings,
    first: StreamEvent,
  ) {
    this.#settings = settings;
    this.#modelLabels = modelLabels(surroundings.attributes);
    this.#picture = new RunPicture(runId, { maxRows: MAX_ROWS, maxTextLength: 1 });
    this.#latest = timeOf(first) ?? Date.now();
    this.#spans = new RunSpans(runId, settings, surroundings, this.#latest);
  }

  /** Adds what an event says. */
  add(event: StreamEvent): void {
    this.#latest = Math.max(this.#latest, timeOf(event) ?? 0);
    const row = this.#picture.add(event);
    this.#count(event);
    const place = row === null ? null : spanAround(row);
    if (event.event_type === "agent.terminate") this.#terminate(event.data as Fields, place);
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
      if (row.kind !== "note" && row.state === "lost" && !this.#spans.has(row)) lost.push(row);
    });
    for (const row of lost) this.#spans.spanOf(row);
    const { summary } = this.#picture;
    this.#spans.root.setAttributes({
      "locus.tool_calls": summary.tool_calls,
      "locus.errors": summary.errors,
      "locus.missed_events": summary.missed_events,
      [INPUT_TOKENS]: summary.prompt_tokens,
      [OUTPUT_TOKENS]: summary.completion_tokens,
    });
    this.#spans.end(this.#latest);
  }

  #count(event: StreamEvent): void {
    if (event.event_type.startsWith("agent.")) this.#agentSince ??= this.#latest;
    const agentMs = this.#latest - (this.#agentSince ?? this.#latest);
    this.#settings.metrics.add(event, this.#modelLabels, agentMs);
    if (event.event_type === "agent.terminate") this.#agentSince = null;
  }

  #turn(turn: PictureTurn, event: StreamEvent): void {
    if (!this.#isAgent && spanAround(turn) === null) this.#becomeAgent();
    const data = event.data as Fields;
    switch (event.event_type) {
      case "agent.tokens.used":
        this.#addTokens(turn, data);
        break;
      case "agent.model.completed": {
        const reason = textIn(data, "stop_reason");
        if (reason !== "") this.#spans.note(turn, { "gen_ai.response.finish_reasons": [reason] });
        this.#spans.note(turn, payloadAttributes(event.event_type, data, this.#settings));
        break;
      }
      case "agent.think":
        this.#spans.note(turn, payloadAttributes(event.event_type, data, this.#settings));
    }
    if (turn.state !== "done" || this.#spans.has(turn)) return;
    this.#settings.metrics.modelCall(turn.durationMs ?? 0, this.#modelLabels);
    this.#spans.finish(turn);
  }

  #becomeAgent(): void {
    this.#isAgent = true;
    this.#spans.root.updateName("invoke_agent");
    this.#spans.root.setAttribute("gen_ai.operation.name", "invoke_agent");
  }

  #work(row: PictureSpan, event: StreamEvent): void {
    const data = event.data as Fields;
    const isEnd = event.event_id === row.endEventId;
    if (isEnd || event.event_id === row.startEventId) {
      this.#spans.note(row, {
        ...payloadAttributes(event.event_type, data, this.#settings),
        ...ownAttributes(data["attributes"], this.#settings),
      });
    } else if (event.event_type !== "span.linked") this.#addEvent(event, row);
    if (isEnd && row.endedAt !== null) this.#spans.finish(row);
  }

  #terminate(data: Fields, place: PictureSpan | null): void {
    const reason = toStopReason(textIn(data, "reason"));
    const facts: Attributes = {
      ...payloadAttributes("agent.terminate", data, this.#settings),
      "locus.success": isSuccess(reason),
    };
    if (place !== null) return this.#spans.note(place, facts);
    const { root } = this.#spans;
    root.setAttributes(facts);
    if (reason !== "error") return;
    root.setAttribute("error.type", "_OTHER");
    root.setStatus({ code: SpanStatusCode.ERROR });
  }

  #addEvent(event: StreamEvent, place: PictureSpan | null): void {
    const attributes = payloadAttributes(event.event_type, event.data as Fields, this.#settings);
    this.#spans.spanOf(place)?.addEvent(event.event_type, attributes, new Date(this.#latest));
  }

  #addTokens(turn: PictureTurn, data: Fields): void {
    const before = this.#spans.noted(turn);
    const sum = (key: string, more: string) =>
      Number(before[key] ?? 0) + Math.max(0, numberIn(data, more) ?? 0);
    this.#spans.note(turn, {
      [INPUT_TOKENS]: sum(INPUT_TOKENS, "prompt_tokens"),
      [OUTPUT_TOKENS]: sum(OUTPUT_TOKENS, "completion_tokens"),
    });
  }
}

function timeOf({ timestamp }: StreamEvent): number | null {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}

const INPUT_TOKENS = "gen_ai.usage.input_tokens";
const OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

const MAX_ROWS = 2_000;
