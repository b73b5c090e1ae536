/**
 * What runs can be filtered by, with how many there are of each.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";
import { costOf, type Prices } from "./run_cost.ts";
import { runState, tagsOf } from "./run_words.ts";

/** What a facet is of. */
export type FacetGroup = "state" | "tag" | "model" | "cost";

/** One thing to filter by. */
export interface Facet {
  readonly group: FacetGroup;
  readonly value: string;
  readonly count: number;
}

/** What a person has chosen, as `group value`. Of one group any may fit; of several groups, one of each must. */
export type Chosen = readonly string[];

/**
 * Every facet that some of the runs have: costs from the lowest on, of all others the most frequent first. What is
 * chosen is among them even if no run has it, so that it can be given up.
 */
export function facetsOf(
  runs: readonly RunSummary[],
  prices: Prices,
  chosen: Chosen = [],
): Facet[] {
  const counts = new Map<string, { group: FacetGroup; value: string; count: number }>();
  for (const key of chosen) {
    const group = groupOf(key);
    if (group !== undefined) {
      counts.set(key, { group, value: key.slice(group.length + 1), count: 0 });
    }
  }
  for (const run of runs) {
    for (const [group, value] of valuesOf(run, prices)) {
      const key = keyOf(group, value);
      const known = counts.get(key);
      if (known !== undefined) known.count++;
      else if (counts.size < MAX_FACETS) counts.set(key, { group, value, count: 1 });
    }
  }
  return [...counts.values()].sort((a, b) =>
    a.group === "cost" && b.group === "cost" ? costAt(a.value) - costAt(b.value) : b.count - a.count
  );
}

/** The runs that fit. */
export function chosenRuns(
  runs: readonly RunSummary[],
  chosen: Chosen,
  prices: Prices,
): readonly RunSummary[] {
  const keys = new Set(chosen.filter((key) => groupOf(key) !== undefined));
  if (keys.size === 0) return runs;
  const groups = new Set([...keys].map(groupOf));
  return runs.filter((run) => {
    const fits = new Set<string>();
    for (const [group, value] of valuesOf(run, prices)) {
      if (keys.has(keyOf(group, value))) fits.add(group);
    }
    return fits.size === groups.size;
  });
}

/** How a facet stands among what is chosen. */
export function keyOf(group: FacetGroup, value: string): string {
  return `${group} ${value}`;
}

/** Undefined for what a link only says is one. */
function groupOf(key: string): FacetGroup | undefined {
  return GROUPS.find((group) => key.startsWith(`${group} `));
}

function valuesOf(run: RunSummary, prices: Prices): [group: FacetGroup, value: string][] {
  const values: [FacetGroup, string][] = [["state", runState(run)]];
  for (const tag of tagsOf(run)) values.push(["tag", tag]);
  for (const model of Object.keys(run.models ?? {})) values.push(["model", model]);
  if (prices !== null && run.total_tokens > 0) values.push(["cost", rangeOf(costOf(run, prices))]);
  return values;
}

function rangeOf(cost: number): string {
  return COSTS.find(([limit]) => cost < limit)![1];
}

function costAt(words: string): number {
  return COSTS.findIndex(([, known]) => known === words);
}

const COSTS: readonly (readonly [limit: number, words: string])[] = [
  [0.01, "below 0.01"],
  [0.1, "0.01 to 0.10"],
  [1, "0.10 to 1"],
  [Infinity, "1 and above"],
];
const GROUPS: readonly FacetGroup[] = ["state", "tag", "model", "cost"];
const MAX_FACETS = 500;
