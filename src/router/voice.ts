import { publishContent } from "../content/publish_content.ts";
import { hash } from "../core/hash.ts";
import type { Voice } from "../graph/engine/voice.ts";
import { lengthOf } from "../pipeline/prompt.ts";
import type { RouterState } from "./state.ts";

/** The node that runs the protocol. */
export const RUN = "run";

/** The router's graph is one span, and the protocol that runs is one in it: whatever else it does is told by events in it. */
export function routerVoice(): Voice {
  let isAgain = false;
  const protocolOf = (state: object) => (state as RouterState).decision!.protocol_id!;
  return {
    kind: "router",
    enter(run, at) {
      isAgain = at.isAgain;
      return run;
    },
    // The same after a wait, in any process.
    spanId: ({ spanId }, { node, id }) =>
      node === RUN ? hash(`${spanId} ${id}`) + hash(`${id} ${spanId}`) : spanId!,
    started(run, place, { node }, { state, because }) {
      if (node !== RUN) return;
      run.emit("router.runnable.executing", {
        protocol_id: protocolOf(state),
        ...place,
        ...isAgain && because === "answer" && { resumed: true },
      });
    },
    completed(run, place, { node }, { state }, { status, error, update, duration_ms }) {
      // What waits for a person is still executing.
      if (node !== RUN || status === "interrupted") return;
      const protocol_id = protocolOf(state);
      if (status === "completed") {
        const [output] = (update as Partial<RouterState>).output!;
        const output_length = lengthOf(output ?? "");
        if (run.content && run.spanId !== null) {
          const kind = typeof output === "string" ? "text" : "json";
          publishContent(run, { span_id: run.spanId, direction: "output" }, kind, output);
        }
        run.emit("router.runnable.executed", { protocol_id, output_length, duration_ms, ...place });
      } else {
        run.emit("router.runnable.failed", { protocol_id, error: error ?? "failed", ...place });
      }
    },
  };
}
