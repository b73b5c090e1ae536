import { attempt } from "../recorder/fence.ts";
import { OpenIds } from "../recorder/open_ids.ts";
import { type BridgeOptions, checkBridgeOptions } from "../recorder/record_call.ts";
import { AgentsRun } from "./agents_run.ts";
import { watching } from "./models.ts";
import type { AgentsSpan } from "./spans.ts";

/** What `addTraceProcessor()` of the OpenAI Agents SDK takes. */
export interface AgentsTraceProcessor {
  /** A trace begins. */
  onTraceStart(trace: object): Promise<void>;
  /** A trace ends. */
  onTraceEnd(trace: object): Promise<void>;
  /** A span begins. */
  onSpanStart(span: AgentsSpan): Promise<void>;
  /** A span ends. */
  onSpanEnd(span: AgentsSpan): Promise<void>;
  /** Nothing is held back. */
  shutdown(): Promise<void>;
  /** Nothing is held back. */
  forceFlush(): Promise<void>;
}

/**
 * Makes what tells Locus of the agents of the OpenAI Agents SDK: `addTraceProcessor(locusTraceProcessor())`.
 *
 * - **Where:** a call of `run()` inside of a run of Locus becomes part of it. Any other call becomes a run of its own,
 *   named by its agent or its `workflowName`, unless `runs` says otherwise.
 * - **Text that streams** is not in the SDK's traces: see {@linkcode locusModels}.
 * - **Beside other processors:** the SDK asks them one after the other, and waits for each. What this one hears too late, it
 *   reads from the spans.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export function locusTraceProcessor(options: BridgeOptions = {}): AgentsTraceProcessor {
  checkBridgeOptions("locusTraceProcessor()", options);
  if (options.runs !== "ambient") watching.all = true;
  /** By the ids of their open spans. */
  const runs = new OpenIds<AgentsRun>("openai-agents");
  const none = () => Promise.resolve();
  return {
    onTraceStart: none,
    onTraceEnd: none,
    shutdown: none,
    forceFlush: none,
    onSpanStart(span) {
      attempt(() => {
        if (runs.isTaken(span.spanId)) return;
        const run = span.parentId === null ? new AgentsRun(options, span) : runs.get(span.parentId);
        if (run === undefined) return;
        run.settle();
        run.start(span);
        if (run.has(span.spanId)) runs.set(span.spanId, run);
      });
      return none();
    },
    onSpanEnd(span) {
      attempt(() => {
        const run = runs.get(span.spanId);
        runs.delete(span.spanId);
        run?.settle();
      });
      return none();
    },
  };
}
