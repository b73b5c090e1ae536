/**
 * What a run is called, and how it is tagged, in words. A server of any version says it.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";

/** Its title, else its id. */
export function titleOf({ title, run_id: runId }: RunSummary): string {
  return typeof title === "string" && title !== "" ? title.slice(0, MAX_TITLE) : runId;
}

/** Its tags, each as `name: value`. */
export function tagsOf({ tags }: RunSummary): string[] {
  return Object.entries(tags ?? {}).slice(0, MAX_TAGS)
    .map(([name, value]) => `${name}: ${String(value).slice(0, MAX_TITLE)}`);
}

const MAX_TITLE = 256;
const MAX_TAGS = 16;

/** How it stands; `interrupted` where it says that it runs, but the process that wrote it is gone. */
export function runState({ state, interrupted }: RunSummary): string {
  return state === "running" && interrupted === true ? "interrupted" : String(state).slice(0, 32);
}
