import { placeNames, type RunFailure } from "../../view/run_failure.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { firstLine, oneLine } from "./text.ts";

/** Why a run failed, where, and by which event. */
export function failureWords({ error, row, eventId }: RunFailure): string[] {
  return [
    error === null ? "no event says why" : firstLine(error),
    row === null ? "" : `in ${placeNames(row).map(oneLine).join(" › ")}`,
    eventId === null ? "" : `event ${oneLine(eventId)}`,
  ].filter((words) => words !== "");
}

/** What would tell more of the call that a run failed with; `""` if that is there. */
export function missingWords({ row }: RunFailure, { conversation }: RunPicture): string {
  const isCall = row?.kind === "span" && row.role === "tool";
  return isCall && conversation.isEmpty
    ? "Its arguments were not captured: LOCUS_CAPTURE_CONTENT=true shows them."
    : "";
}
