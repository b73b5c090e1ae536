import type { NodeDetails, NodeEnd, PairPlace } from "../graph/engine/voice.ts";
import type { PipelineUpdate } from "./pipeline.ts";
import { lengthOf } from "./prompt.ts";

/** What the beginning of a stage or a round says of how it begins. */
export function beginning({ execution, because, kept }: NodeDetails) {
  return { execution, because, kept };
}

/** What the end of a stage or a round says of how it ended. */
export function ending(
  place: PairPlace,
  { update, duration_ms, status, error }: NodeEnd & { readonly duration_ms: number },
) {
  const [output] = Object.values((update as PipelineUpdate | undefined)?.outputs ?? {});
  return {
    ...place,
    output_length: output === undefined ? 0 : lengthOf(output[0]),
    duration_ms,
    // Nothing in a pipeline has a condition to be skipped for.
    status: status as Exclude<typeof status, "skipped">,
    error: error ?? null,
  };
}
