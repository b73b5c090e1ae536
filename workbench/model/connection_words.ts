/**
 * What the page says of its connection: a word or two in the header, and a line where more is to be said.
 *
 * @module
 */
import { count } from "../format.ts";
import type { MarkName } from "../marks.ts";
import type { Access } from "../net/api.ts";
import type { LiveState } from "../net/live.ts";
import type { Notice } from "../view/notice_view.ts";
import type { Resumed } from "./resumption.ts";
import type { RunList } from "./run_list.ts";
import type { RunLog } from "./run_log.ts";

/** What the page knows of its connection. */
export interface Connection {
  readonly state: LiveState;
  readonly access: Access;
  readonly log: RunLog | null;
  readonly resumed: Resumed | null;
  /** Why the open run cannot be read; null if it can. */
  readonly refusal: string | null;
  readonly list: RunList;
}

/** The words in the header. */
export function connectionOf(
  feed: Connection,
  isOver: boolean,
): { readonly mark: MarkName; readonly text: string; readonly tone: string } {
  const { state, access, log } = feed;
  switch (state.kind) {
    case "connecting":
      return {
        mark: "ended",
        text: access === "one" && log === null ? "no run" : "connecting",
        tone: "quiet",
      };
    case "reconnecting":
      return { mark: "notice", text: "reconnecting", tone: "notice" };
    case "closed":
      if (access === "file") return { mark: "done", text: "a file", tone: "quiet" };
      return feed.refusal === null
        ? { mark: "done", text: "complete", tone: "quiet" }
        : { mark: "failed", text: "no access", tone: "failed" };
    case "live": {
      // A run that the list has forgotten is over, too, but how it ended is unknown.
      const isForgotten = log !== null && feed.list.isForgotten(log.runId);
      const text = isForgotten ? "live · run forgotten" : isOver ? "live · run over" : "live";
      return { mark: "live", text, tone: "good" };
    }
  }
}

/** The line; null if there is nothing to say. */
export function noticeOf(feed: Connection, now: number): Notice | null {
  const { state, log, resumed, refusal, list } = feed;
  if (state.kind === "reconnecting") {
    const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
    const after = log?.cursor ? ` · will go on after ${log.cursor}` : "";
    const when = seconds > 0 ? `next attempt in ${seconds} s` : "trying";
    return {
      mark: "notice",
      text: `connection lost${after} · ${when}`,
      tone: "notice",
      canRetry: seconds > 0,
    };
  }
  if (state.kind === "connecting" && now - state.since > SLOW_MS && feed.access !== "unknown") {
    const canHave =
      "A browser opens at most six connections to one server over HTTP/1: is this page open in other tabs?";
    if (!(feed.access === "one" && log === null)) {
      return { mark: "notice", text: `still waiting for a connection. ${canHave}`, tone: "notice" };
    }
  }
  if (feed.access === "file") return null;
  if (log !== null && log.events.length > 0 && list.isForgotten(log.runId)) {
    // A new log may also follow an eviction: only a lost connection says more.
    const restart = resumed?.restart ?? null;
    const why = restart === null ? ": it was restarted, or had to make room" : "";
    return {
      mark: "notice",
      text: `${
        restart === null ? "" : `${restart}, so `
      }the server has forgotten this run${why}. ${KEPT}`,
      tone: "notice",
    };
  }
  // Where nothing of the run is here, the page itself says so.
  if (refusal !== null && log !== null && log.events.length > 0) {
    return { mark: "failed", text: refusal, tone: "failed" };
  }
  if (resumed !== null && now - resumed.at < RESUMED_SHOWN_MS) {
    return wordsOf(resumed);
  }
  return null;
}

/** What a resumption has cost. That nothing is missing is said only where it is known. */
function wordsOf({ after, missed, restart }: Resumed): Notice {
  const resumed = after === null ? "resumed" : `resumed after ${after}`;
  if (restart !== null) return { mark: "gap", text: `${restart}. ${KEPT}`, tone: "notice" };
  if (missed !== null && missed > 0) {
    return { mark: "gap", text: `${resumed} · ${count(missed)} missed`, tone: "notice" };
  }
  const isKnown = after !== null && missed !== null;
  return { mark: "done", text: isKnown ? `${resumed} · nothing missed` : resumed, tone: "good" };
}

/** Why a run cannot be read, by the status of the answer. */
export function refusalOf(status: number): string {
  if (status === 404) return "There is no such run here, or you may not read it.";
  if (status === 400) return "This is no run id.";
  if (status === 401 || status === 403) return "The server does not let you read this run.";
  return `The server answered ${status || "nothing that could be read"}.`;
}

const KEPT = "What had arrived is still here.";
const SLOW_MS = 4_000;
const RESUMED_SHOWN_MS = 8_000;
