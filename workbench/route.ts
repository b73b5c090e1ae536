/**
 * What a link to the page says: which runs are listed, which is open, what is selected, what it is compared with. It
 * is all in the part behind `#`, which no server ever sees.
 *
 * @module
 */

/** The views of one run, in the order of their keys. */
export const VIEWS = ["timeline", "graph", "conversation", "events"] as const;

/** What the detail can show alone. */
export type Tab = "input" | "output";

/** A view of one run. */
export type View = typeof VIEWS[number];

/** A place in the workbench. */
export interface Route {
  /** The run that is open, if any. */
  run: string | null;
  /** How the run is looked at. */
  view: View;
  /** What the event list is filtered by. */
  filter: string;
  /** The selected event, by its `event_id`. */
  event: string | null;
  /** The selected span, by its key in the picture. */
  span: string | null;
  /** What the detail shows only: what went in, or what came out; null for both. */
  tab: Tab | null;
  /** The part of the time that is in sight, in seconds from the start: `12.4-31`; null for all of it. */
  t: string | null;
  /** What was folded by hand, and with `-` what was unfolded: the events of the lines, with commas between them. */
  fold: string;
  /** The run that the open one is compared with, as A; null if that is not asked for. */
  compare: string | null;
  /** Whether only what differs is compared. */
  differs: boolean;
  /** The words that the list of runs is searched for. */
  runs: string;
  /** What its runs are filtered by, as `group value`. */
  only: readonly string[];
}

/** Reads the part of an address behind `#`. Anything may stand there. */
export function parseRoute(hash: string): Route {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    run: bounded(query.get("run")),
    view: VIEWS.find((view) => view === query.get("view")) ?? VIEWS[0],
    filter: bounded(query.get("filter")) ?? "",
    event: bounded(query.get("event")),
    span: bounded(query.get("span")),
    tab: TABS.find((tab) => tab === query.get("tab")) ?? null,
    t: TIME.exec(query.get("t") ?? "")?.[0] ?? null,
    fold: bounded(query.get("fold")) ?? "",
    compare: bounded(query.get("compare")),
    differs: query.has("differs"),
    runs: bounded(query.get("runs")) ?? "",
    only: query.getAll("only").filter((key) => bounded(key) !== null).slice(0, MAX_ONLY),
  };
}

/** Writes it. */
export function formatRoute(route: Route): string {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = route[name];
    if (value && value !== VIEWS[0]) query.set(name, value);
  }
  if (route.differs) query.set("differs", "1");
  for (const key of route.only) query.append("only", key);
  // What may stand behind `#` unescaped is left readable.
  return `#${query}`.replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2C", ",");
}

function bounded(text: string | null): string | null {
  return text !== null && text !== "" && text.length <= MAX_LENGTH ? text : null;
}

const NAMES = [
  "run",
  "view",
  "filter",
  "event",
  "span",
  "tab",
  "t",
  "fold",
  "compare",
  "runs",
] as const;
const TABS = ["input", "output"] as const;
const TIME = /^\d{1,9}(\.\d{1,3})?-\d{1,9}(\.\d{1,3})?$/;
const MAX_LENGTH = 500;
const MAX_ONLY = 50;
