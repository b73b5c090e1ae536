/** The answer of a run, where tools and other agents find it. */

import type { Feature, FeatureContext, SegmentOutcome } from "../loop/feature.ts";

/** Stores what the run ended with under a key of its metadata. */
export class OutputKey implements Feature {
  readonly name = "output key";
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  end(context: FeatureContext, { message }: SegmentOutcome): void {
    if (message === null) return;
    const { metadata } = context.state;
    context.update({ metadata: Object.freeze({ ...metadata, [this.#key]: message }) });
  }
}
