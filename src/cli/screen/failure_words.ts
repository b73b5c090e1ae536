import { placeNames, type RunFailure } from "../../view/run_failure.ts";
import { firstLine, oneLine } from "./text.ts";

/** Why a run failed, where, and by which event. */
export function failureWords({ error, row, eventId }: RunFailure): string[] {
  return [
    error === null ? "no event says why" : firstLine(error),
    row === null ? "" : `in ${placeNames(row).map(oneLine).join(" › ")}`,
    eventId === null ? "" : `event ${oneLine(eventId)}`,
  ].filter((words) => words !== "");
}
