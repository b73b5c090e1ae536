/**
 * Every key and what it asks for. What that is in words is told by the help, which is loaded later.
 *
 * @module
 */

/** The key of each command, as `KeyboardEvent.key` has it. */
export const KEYS = {
  fold: "h",
  foldAll: "H",
  nextRun: "]",
  previousRun: "[",
  paneRuns: "1",
  paneTimeline: "2",
  paneGraph: "3",
  paneConversation: "4",
  paneEvents: "5",
  paneDetail: "6",
  input: "i",
  output: "o",
  wide: "w",
  nextError: "e",
  close: "Escape",
  pause: " ",
  back: ",",
  forward: ".",
  replay: "r",
  slower: "<",
  faster: ">",
  live: "l",
  zoomIn: "+",
  zoomOut: "-",
  zoomAll: "0",
  waits: "z",
  filterEvents: "/",
  filterRuns: "f",
  answer: "a",
  tools: "t",
  system: "v",
  copyJson: "c",
  copyLink: "y",
  compare: "s",
  download: "D",
  help: "?",
} as const;

/** What a key can ask for. */
export type Command = keyof typeof KEYS;

/** The command of a key that was pressed; null where typing goes elsewhere. */
export function commandOf(event: KeyboardEvent): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = event.target instanceof Element ? event.target : null;
  const isTyping = target?.matches("input:not([type=range]), textarea") ?? false;
  if (isTyping && event.key !== "Escape") return null;
  // A button is pressed by the space bar, and the arrows of a slider are its own.
  if (event.key === " " && target?.matches("button, input, dialog *")) return null;
  return byKey.get(event.key) ?? null;
}

const byKey = new Map<string, Command>(
  Object.entries(KEYS).map(([command, key]) => [key, command as Command]),
);
// The same key, without the shift.
byKey.set("=", "zoomIn");
