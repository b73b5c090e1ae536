/**
 * The detail of what is selected: a span, an event, or the run where nothing is.
 *
 * @module
 */
import type { PictureRow } from "../src/view/picture_rows.ts";
import type { Prices } from "./model/run_cost.ts";
import type { Shown } from "./model/shown_run.ts";
import type { TimelineRow } from "./model/timeline_rows.ts";
import type { Subject } from "./subject.ts";
import type { Detail } from "./view/detail_view.ts";

/** What the detail is made from. */
export interface Selected {
  readonly shown: Shown;
  /** The line that is selected, and the place of the event that is; -1 for none. */
  readonly entry: TimelineRow | null;
  readonly selected: number;
  readonly critical: ReadonlySet<PictureRow>;
  readonly prices: Prices;
  /** What event types mean. */
  readonly catalogue: Readonly<Record<string, { readonly summary?: string }>>;
}

/** The detail; null where there is nothing to tell, or it has not arrived. */
export function detailOf(
  part: typeof import("./detail/detail_part.ts"),
  { place, shown: follower }: Subject,
  { shown, entry, selected, critical, prices, catalogue }: Selected,
): Detail | null {
  const { picture, startedAt, endsAt, events, count } = shown;
  if (place.selection === null) {
    return part.detailOfRun(picture, { critical, prices, startedAt, endsAt });
  }
  const context = {
    picture,
    startedAt,
    endsAt,
    about: (eventType: string) =>
      Object.hasOwn(catalogue, eventType) ? catalogue[eventType]?.summary ?? "" : "",
    find: (eventId: string | null) => events[follower.placeOf(eventId)],
    from: (eventId: string | null) => {
      const at = follower.placeOf(eventId);
      return at < 0 ? [] : events.slice(at, Math.min(at + NEAR, count));
    },
  };
  if (place.route.span !== null) return entry && part.detailOfRow(entry, context);
  const event = events[selected];
  return event === undefined ? null : part.detailOfEvent(event, entry, context);
}

/** How many events after a span are asked what it came to. */
const NEAR = 60;
