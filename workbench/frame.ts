/**
 * All of the page but the run itself: the list, the header, the notice, and what stands where a run would be.
 *
 * @module
 */
import { setTitle, show, toggle } from "./dom.ts";
import type { Feed } from "./feed.ts";
import { money } from "./format.ts";
import { connectionOf, noticeOf } from "./model/connection_words.ts";
import { nowWords } from "./model/now_words.ts";
import { costOf, type Prices } from "./model/run_cost.ts";
import { tagsOf, titleOf } from "./model/run_words.ts";
import type { Shown } from "./model/shown_run.ts";
import type { Subject } from "./subject.ts";
import type { LandingKind } from "./view/landing_view.ts";
import type { Panes } from "./view/panes.ts";

/** Draws it. */
export function drawFrame(
  panes: Panes,
  { feed, place, shown: follower }: Subject,
  prices: Prices,
  shown: Shown | null,
): void {
  const { list, access, canList, refusal } = feed;
  const { now } = feed.clock;
  const { header, notice, runs, landing, run, element } = panes;
  const runId = place.route.run;
  const noList = access === "one" && !canList;
  const emptyText = noList ? "This server does not list runs." : "No run yet.";
  const { mode, speed } = follower.playback;
  const elapsedMs = shown === null ? 0 : shown.endsAt - shown.startedAt;
  runs.update({
    ...place.route,
    list,
    openRunId: runId,
    openElapsedMs: mode === "live" && shown !== null && shown.events.length > 0 ? elapsedMs : null,
    prices,
    now,
    horizon: feed.horizon,
    emptyText,
  });
  notice.update(noticeOf(feed, Date.now()));
  const kind = landingKindOf(feed);
  landing.update(kind, refusal ?? "");
  show(run, kind === null);
  // Where there is nothing else to see, a narrow screen needs no tabs.
  toggle(element, "is-landing", kind !== null && kind !== "choose" && kind !== "denied");

  const isEmpty = shown === null || shown.events.length === 0;
  const summary = isEmpty ? null : shown.picture.summary;
  // The server has the title even if the history has lost the start of the run.
  const named = summary?.title != null ? summary : list.get(runId ?? "") ?? summary;
  const title = named === null ? runId ?? "" : titleOf(named);
  header.update({
    runId,
    title,
    tags: named === null ? [] : tagsOf(named),
    summary,
    elapsedMs,
    doing: shown?.heardAt != null && (mode === "playing" || feed.state.kind === "live")
      ? nowWords(shown.folded.timeline.rows, shown.endsAt, shown.heardAt)
      : "",
    waitsMs: summary?.updated_at == null ? 0 : Math.max(0, now - Date.parse(summary.updated_at)),
    cost: summary === null || prices === null || summary.total_tokens === 0
      ? ""
      : money(costOf(summary, prices), prices.currency),
    mode,
    speed,
    shown: shown?.count ?? 0,
    total: shown?.events.length ?? 0,
    isOver: follower.isOver,
    isForgotten: runId !== null && list.isForgotten(runId),
    connection: connectionOf(feed, follower.isOver),
  });
  setTitle(
    summary === null ? "Locus workbench" : `${title} · ${summary.state} · Locus`,
  );
}

/** What to show in place of a run, by the reason why it is missing; null if the run can be shown. */
function landingKindOf({ access, log, state, list, refusal }: Feed): LandingKind | null {
  if (log !== null) return refusal !== null && log.events.length === 0 ? "denied" : null;
  if (access === "unknown") return state.kind === "reconnecting" ? "offline" : "loading";
  if (list.size > 0) return "choose";
  return access === "one" ? "locked" : "empty";
}
