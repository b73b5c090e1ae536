/**
 * The headings of the run list: what waits for a person, what goes on, and the rest by day.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";

/** Runs that stand below one heading. */
export interface RunGroup {
  readonly title: string;
  /** The place of the first of them in the list. */
  readonly from: number;
  readonly count: number;
}

/**
 * The groups of a list that is in order.
 *
 * @param isOpen Whether a run waits or goes on, as far as the server knows.
 */
export function groupsOf(
  runs: readonly RunSummary[],
  now: number,
  isOpen: (run: RunSummary) => boolean,
): RunGroup[] {
  const groups: { title: string; from: number; count: number }[] = [];
  // The day that was found last, so that not every run has its date read.
  let day = { title: "", from: "~" };
  for (const [index, run] of runs.entries()) {
    let title = run.state === "waiting" ? "Waiting for you" : "Running";
    if (!isOpen(run)) {
      const { started_at: at } = run;
      if (at === null || !(at >= day.from)) day = dayOf(at, now);
      title = day.title;
    }
    const last = groups.at(-1);
    if (last?.title === title) last.count++;
    else groups.push({ title, from: index, count: 1 });
  }
  return groups;
}

/** What a day is called, and when it began as a server writes it; days that are long over are one. */
function dayOf(at: string | null, now: number): { title: string; from: string } {
  const date = new Date(at ?? NaN);
  const days = Math.round((startOf(now) - startOf(date)) / 86_400_000);
  if (!(days < 7)) return { title: "Earlier", from: "" };
  const title = days < 1
    ? "Earlier today"
    : days === 1
    ? "Yesterday"
    : date.toLocaleDateString("en", { weekday: "long" });
  return { title, from: new Date(startOf(date)).toISOString() };
}

function startOf(date: Date | number): number {
  return new Date(date).setHours(0, 0, 0, 0);
}
