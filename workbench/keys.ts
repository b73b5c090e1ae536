/**
 * Every key and what it does: one table for the keyboard and for the help.
 *
 * @module
 */

/** What a key can ask for. */
export type Command =
  | "help"
  | "filterEvents"
  | "filterRuns"
  | "nextRun"
  | "previousRun"
  | "paneRuns"
  | "paneTimeline"
  | "paneGraph"
  | "paneConversation"
  | "paneEvents"
  | "paneDetail"
  | "input"
  | "output"
  | "wide"
  | "pause"
  | "back"
  | "forward"
  | "replay"
  | "live"
  | "slower"
  | "faster"
  | "zoomIn"
  | "zoomOut"
  | "zoomAll"
  | "waits"
  | "tools"
  | "system"
  | "fold"
  | "foldAll"
  | "nextError"
  | "answer"
  | "copyJson"
  | "copyLink"
  | "download"
  | "compare"
  | "close";

/** A key with its command. */
export interface KeyRow {
  /** Of `KeyboardEvent.key`. Empty for what the lists do by themselves. */
  readonly keys: readonly string[];
  readonly command: Command | null;
  readonly show: readonly string[];
  readonly does: string;
}

/** The keys, as the help lists them. */
export const keyGroups: readonly { readonly title: string; readonly keys: readonly KeyRow[] }[] = [
  {
    title: "Moving",
    keys: [
      own(["↑", "↓"], "read line by line"),
      own(["←", "→"], "fold, unfold; to the outer line, to the inner"),
      own(["Enter"], "open the line"),
      row("h", "fold", "fold the line, or unfold it"),
      row("H", "foldAll", "fold all, or unfold it"),
      row("]", "nextRun", "next run"),
      row("[", "previousRun", "previous run"),
      row("1", "paneRuns", "runs"),
      row("2", "paneTimeline", "timeline"),
      row("3", "paneGraph", "graph"),
      row("4", "paneConversation", "conversation"),
      row("5", "paneEvents", "events"),
      row("6", "paneDetail", "detail"),
      row("i", "input", "only what went in"),
      row("o", "output", "only what came out"),
      row("w", "wide", "a wide detail, input beside output"),
      row("e", "nextError", "next error"),
      row("Escape", "close", "close, clear", "Esc"),
    ],
  },
  {
    title: "Time",
    keys: [
      row(" ", "pause", "pause, go on", "Space"),
      row(",", "back", "one event back"),
      row(".", "forward", "one event forward"),
      row("r", "replay", "play from the start"),
      row("<", "slower", "slower"),
      row(">", "faster", "faster"),
      row("l", "live", "follow: to the newest, and stay there"),
      { ...row("+", "zoomIn", "nearer"), keys: ["+", "="] },
      row("-", "zoomOut", "farther"),
      row("0", "zoomAll", "all of the run"),
      row("z", "waits", "show or fold long waits; reasoning"),
    ],
  },
  {
    title: "Finding and taking along",
    keys: [
      row("/", "filterEvents", "filter events"),
      row("f", "filterRuns", "filter runs"),
      row("a", "answer", "answer the agent"),
      row("t", "tools", "tools in the conversation"),
      row("v", "system", "system prompt there"),
      row("c", "copyJson", "copy raw JSON"),
      row("y", "copyLink", "copy the link"),
      row("s", "compare", "compare this run with the next that you open"),
      own(["d", "S"], "in there: only what differs; swap the runs"),
      row("D", "download", "take the run along, open a file"),
      row("?", "help", "this list"),
    ],
  },
];

/** The command of a key that was pressed; null where typing goes elsewhere. */
export function commandOf(event: KeyboardEvent): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = event.target instanceof Element ? event.target : null;
  const isTyping = target?.matches("input:not([type=range]), textarea") ?? false;
  if (isTyping && event.key !== "Escape") return null;
  // A button is pressed by the space bar, and the arrows of a slider are its own.
  if (event.key === " " && target?.matches("button, input, dialog *")) return null;
  return byKey().get(event.key) ?? null;
}

function byKey(): ReadonlyMap<string, Command> {
  return table ??= new Map(
    keyGroups.flatMap(({ keys }) =>
      keys.flatMap(({ keys, command }) =>
        command === null ? [] : keys.map((key) => [key, command] as const)
      )
    ),
  );
}

let table: ReadonlyMap<string, Command> | undefined;

function row(key: string, command: Command, does: string, shown = key): KeyRow {
  return { keys: [key], command, show: [shown], does };
}

function own(show: readonly string[], does: string): KeyRow {
  return { keys: [], command: null, show, does };
}
