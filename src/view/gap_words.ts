import { type Fields, numberIn, textIn } from "./payload.ts";
import { count } from "./words.ts";

/** What a `bus.gap` means to a person: one sentence for every screen. */
export function gapWords(data: Fields): string {
  const reason = textIn(data, "reason", 40);
  const missing = Math.max(0, numberIn(data, "count") ?? 0);
  const many = `${count(missing, "event")} missing`;
  if (reason === "new_epoch") return missing > 0 ? `${RESTARTED} · ${many} since` : RESTARTED;
  return missing > 0 ? `${many} (${reason})` : `delivery starts anew (${reason})`;
}

/** The sentence for a server that does not continue its log, so that it is not known what is missing; else null. */
export function restartWords({ reason }: { readonly reason?: unknown }): string | null {
  if (reason === "new_epoch") return RESTARTED;
  return reason === "unknown_cursor" ? "the server does not know what had arrived" : null;
}

/** A place belongs to an earlier log of its run. */
const RESTARTED = "the server was restarted; what it held is gone";
