/**
 * What every key does, in words.
 *
 * @module
 */
import { type Command, KEYS } from "../keys.ts";

/** Keys that belong together. */
export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly KeyRow[];
}

/** A key with what it does. */
export interface KeyRow {
  /** Null for what the lists do by themselves. */
  readonly command: Command | null;
  readonly show: readonly string[];
  readonly does: string;
}

/** The keys, as the help lists them. */
export const keyGroups: readonly KeyGroup[] = [
  {
    title: "Moving",
    keys: [
      own(["↑", "↓"], "read line by line"),
      own(["←", "→"], "fold, unfold; to the outer line, to the inner"),
      own(["Enter"], "open the line"),
      row("fold", "fold the line, or unfold it"),
      row("foldAll", "fold all, or unfold it"),
      row("nextRun", "next run"),
      row("previousRun", "previous run"),
      row("paneRuns", "runs"),
      row("paneTimeline", "timeline"),
      row("paneGraph", "graph"),
      row("paneConversation", "conversation"),
      row("paneEvents", "events"),
      row("paneDetail", "detail"),
      row("input", "only what went in"),
      row("output", "only what came out"),
      row("wide", "a wide detail, input beside output"),
      row("nextError", "next error"),
      row("close", "close, clear", "Esc"),
    ],
  },
  {
    title: "Time",
    keys: [
      row("pause", "pause, go on", "Space"),
      row("back", "one event back"),
      row("forward", "one event forward"),
      row("replay", "play from the start"),
      row("slower", "slower"),
      row("faster", "faster"),
      row("live", "follow: to the newest, and stay there"),
      row("zoomIn", "nearer"),
      row("zoomOut", "farther"),
      row("zoomAll", "all of the run"),
      row("waits", "show or fold long waits; reasoning"),
    ],
  },
  {
    title: "Finding and taking along",
    keys: [
      row("filterEvents", "filter events"),
      row("filterRuns", "filter runs"),
      row("answer", "answer the agent"),
      own(["1", "⌘ ↵"], "in there: choose; send, with Ctrl or ⌘"),
      row("tools", "tools in the conversation"),
      row("system", "system prompt there"),
      row("copyJson", "copy raw JSON"),
      row("copyLink", "copy the link"),
      row("compare", "compare this run with the next that you open"),
      own(["d", "S"], "in there: only what differs; swap the runs"),
      row("download", "take the run along, open a file"),
      row("help", "this list"),
    ],
  },
];

function row(command: Command, does: string, shown: string = KEYS[command]): KeyRow {
  return { command, show: [shown], does };
}

function own(show: readonly string[], does: string): KeyRow {
  return { command: null, show, does };
}
