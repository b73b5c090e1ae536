import type { RunPicture } from "../../view/run_picture.ts";

/** How long the run has been going, or was, in milliseconds. */
export function elapsed({ startedAt, endedAt }: RunPicture, now: number): number {
  return startedAt === null ? 0 : Math.max(0, (endedAt ?? now) - startedAt);
}
