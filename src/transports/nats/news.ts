import type { Loss, News, Notice, Place, Span } from "../remote/store.ts";
import type { LiveTails } from "./live_tails.ts";
import { type Message, readMessage } from "./message.ts";
import type { RunStream } from "./stream.ts";
import { placeBehind, seqBefore } from "./stream_order.ts";
import type { Subjects } from "./subjects.ts";

export interface NewsOptions {
  readonly stream: RunStream;
  readonly subjects: Subjects;
  readonly tails: LiveTails;
  readonly maxNews: number;
  readonly isNeeded: boolean;
}

/** What the stream has taken behind a place. */
export async function readNews(
  place: Place | null,
  { stream, subjects, tails, maxNews, isNeeded }: NewsOptions,
): Promise<News> {
  const now = await stream.place(isNeeded);
  const { order } = stream;
  if (place === null || now.epoch === "" || order === null) {
    return { place: now, notices: [], losses: [] };
  }
  const last = seqBefore(order, now.order);
  const oldest = last - maxNews;
  // How another stream began is not known.
  let reached = place.epoch === now.epoch ? seqBefore(order, place.order) : null;
  const from = Math.max(reached ?? 0, oldest) + 1;
  const notices: Notice[] = [];
  const losses: Loss[] = [];
  // Up to where all is in a notice or a loss. What is not of a run counts to the next.
  let at = reached === null ? null : placeBehind(order, reached).order;
  const reach = (seq: number) => {
    const to = placeBehind(order, seq - 1).order;
    const count = seq - 1 - (reached ?? seq - 1);
    if (count > 0) losses.push({ from: at!, to, count });
    if (count > 0 || at === null) at = to;
    reached = seq;
  };
  if (from <= last) {
    await stream.scan({ from, to: last }, ({ subject, seq, data }) => {
      if (seq > last) return;
      reach(seq);
      const runId = subjects.runIdOf(subject);
      const message = runId === null ? null : readMessage(data, seq);
      if (message === null) return;
      tails.add(runId!, message, seq);
      const to = placeBehind(order, seq).order;
      notices.push(noticeOf(runId!, message, { epoch: "", from: at!, to }));
      at = to;
    });
  }
  reach(last + 1);
  return { place: now, notices, losses };
}

export function noticeOf(
  runId: string,
  { kind, state, before }: Message,
  span: Span | undefined,
): Notice {
  return {
    runId,
    kind: kind === "drop" ? "dropped" : "changed",
    epoch: state.epoch,
    first: before + 1,
    last: state.head,
    span,
  };
}
