/** What the model calls of an agent's run were told and answered, each message once. */

import { publishContent, publishMessages } from "../../content/publish_content.ts";
import type { Run } from "../../core/run/run_context.ts";
import type { ContentMessage } from "../../events/catalogue/content.ts";
import type { Source } from "../state/messages.ts";
import { isSameJson } from "../../core/same_json.ts";

export interface RecordedCall {
  /** Publishes what it answered, and from what. */
  answer(message: ContentMessage | null, sources?: readonly Source[]): void;
}

/** A call as the next one is compared with it. */
interface Base {
  readonly runId: string;
  readonly spanId: string;
  /** What it was told, and then what it answered. */
  readonly messages: ContentMessage[];
}

/**
 * Publishes the messages of model calls: of each call only those that differ from the call before it, which it names.
 * So an answer is not repeated, and a retry costs nothing; what a hook rewrote, or a compaction, costs what comes after
 * the first difference.
 */
export class ConversationRecorder {
  #base: Base | null = null;

  /**
   * Publishes what a call of the conversation is told.
   *
   * @param run Where to.
   * @param messages As they are sent. They are compared before secrets are taken out.
   */
  record(run: Run, spanId: string, messages: readonly ContentMessage[]): RecordedCall {
    // Another run knows nothing of this one's spans.
    const base = this.#base?.runId === run.id ? this.#base : null;
    const same = base === null ? 0 : countSame(base.messages, messages);
    const own: Base = { runId: run.id, spanId, messages: [...messages] };
    this.#base = own;
    publishMessages(
      run,
      { span_id: spanId, direction: "input" },
      messages.slice(same),
      { base_span_id: same === 0 ? null : base!.spanId, from_index: same },
    );
    return {
      answer: (message, sources) => {
        if (message !== null) own.messages.push(message);
        publishAnswer(run, spanId, message, sources);
      },
    };
  }
}

/** Publishes what a call beside the conversation is told: all of it. */
export function recordBeside(
  run: Run,
  spanId: string,
  messages: readonly ContentMessage[],
): RecordedCall {
  publishMessages(run, { span_id: spanId, direction: "input" }, messages);
  return { answer: (message, sources) => publishAnswer(run, spanId, message, sources) };
}

function publishAnswer(
  run: Run,
  span_id: string,
  message: ContentMessage | null,
  sources: readonly Source[] = [],
): void {
  if (message !== null) publishMessages(run, { span_id, direction: "output" }, [message]);
  if (sources.length === 0) return;
  const documents = sources.map(({ id, url, title, filename, media_type }) => ({
    id: url ?? filename ?? id,
    score: null,
    text: title ?? "",
    metadata: { media_type },
  }));
  const place = { span_id, direction: "input", used_by: "citation" } as const;
  publishContent(run, place, "documents", documents);
}

function countSame(a: readonly ContentMessage[], b: readonly ContentMessage[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && isSameJson(a[count], b[count])) count++;
  return count;
}
