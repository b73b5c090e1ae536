/** A plan before the first turn. */

import type { Feature, FeatureContext } from "../loop/feature.ts";
import type { ModelResponse } from "../model/response.ts";
import { systemMessage } from "../state/messages.ts";

/** Asks for a plan, and keeps it in the metadata, where tools and hooks can read it. */
export class Planning implements Feature {
  readonly name = "planning";

  turnStart(context: FeatureContext, iteration: number): void {
    if (iteration === 0) context.append(systemMessage(PLAN));
  }

  responded(context: FeatureContext, { content }: ModelResponse): void {
    const { iteration, metadata } = context.state;
    if (iteration === 1) {
      context.update({ metadata: Object.freeze({ ...metadata, plan: content }) });
    }
  }
}

const PLAN = "Before you act, write a short numbered plan of the steps you will take. " +
  "Then carry it out, and change it when you learn something new.";
