/** The features of one run, by the points that they have: a point that no feature has costs nothing. */

import type { Feature } from "./feature.ts";

type Point = Exclude<keyof Feature, "name">;

/** Features that have a point. */
type Having<P extends Point> = readonly (Feature & Required<Pick<Feature, P>>)[];

/** The features of one run. */
export class FeatureList {
  readonly all: readonly Feature[];
  readonly start: Having<"start">;
  readonly turnStart: Having<"turnStart">;
  readonly responded: Having<"responded">;
  readonly acted: Having<"acted">;
  readonly ending: Having<"ending">;
  readonly beforeModelCall: Having<"beforeModelCall">;
  readonly afterModelCall: Having<"afterModelCall">;
  readonly modelFailed: Having<"modelFailed">;
  readonly beforeToolCall: Having<"beforeToolCall">;
  readonly settle: Having<"settle">;
  readonly afterToolCall: Having<"afterToolCall">;
  readonly keepResult: Having<"keepResult">;
  readonly toolCompleted: Having<"toolCompleted">;
  /** Last ones first. */
  readonly turnEnd: Having<"turnEnd">;
  /** Last ones first. */
  readonly end: Having<"end">;
  /** How often a model call may be made in all. */
  readonly maxModelAttempts: number;
  /** Whether answers must be complete before anybody sees them. */
  readonly requiresFullResponse: boolean;

  /** @param all In the order in which they are asked. */
  constructor(all: readonly Feature[]) {
    this.all = all;
    this.start = having(all, "start");
    this.turnStart = having(all, "turnStart");
    this.responded = having(all, "responded");
    this.acted = having(all, "acted");
    this.ending = having(all, "ending");
    this.beforeModelCall = having(all, "beforeModelCall");
    this.afterModelCall = having(all, "afterModelCall");
    this.modelFailed = having(all, "modelFailed");
    this.beforeToolCall = having(all, "beforeToolCall");
    this.settle = having(all, "settle");
    this.afterToolCall = having(all, "afterToolCall");
    this.keepResult = having(all, "keepResult");
    this.toolCompleted = having(all, "toolCompleted");
    this.turnEnd = having(all, "turnEnd").toReversed();
    this.end = having(all, "end").toReversed();
    this.maxModelAttempts = Math.max(5, ...all.map((feature) => feature.maxModelAttempts ?? 0));
    this.requiresFullResponse = all.some((feature) => feature.requiresFullResponse === true);
  }
}

function having<P extends Point>(features: readonly Feature[], point: P): Having<P> {
  return features.filter((feature): feature is Having<P>[number] => feature[point] !== undefined);
}
