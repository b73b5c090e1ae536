/** The features of one run, by the points that they have: a point that no feature has costs nothing. */

import type { Feature } from "./feature.ts";

const POINTS = [
  ...["start", "turnStart", "responded", "acted", "ending"] as const,
  ...["beforeModelCall", "afterModelCall", "modelFailed"] as const,
  ...["beforeToolCall", "settle", "afterToolCall", "keepResult", "toolCompleted"] as const,
  // Last ones first.
  ...["turnEnd", "end"] as const,
] satisfies readonly (keyof Feature)[];

type Point = typeof POINTS[number];

/** The features of one run. */
export type FeatureList =
  & { readonly [P in Point]: readonly (Feature & Required<Pick<Feature, P>>)[] }
  & {
    /** In the order in which they are asked. */
    readonly all: readonly Feature[];
    /** How often a model call may be made in all. */
    readonly maxModelAttempts: number;
    /** Whether answers must be complete before anybody sees them. */
    readonly requiresFullResponse: boolean;
  };

export function featureList(all: readonly Feature[]): FeatureList {
  const lists = POINTS.map((point) => {
    const having = all.filter((feature) => feature[point] !== undefined);
    return [point, point === "turnEnd" || point === "end" ? having.reverse() : having];
  });
  return {
    ...Object.fromEntries(lists) as Pick<FeatureList, Point>,
    all,
    maxModelAttempts: Math.max(5, ...all.map((feature) => feature.maxModelAttempts ?? 0)),
    requiresFullResponse: all.some((feature) => feature.requiresFullResponse === true),
  };
}
