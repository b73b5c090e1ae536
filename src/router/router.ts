import { checkRun, checkRunId, checkText } from "../core/checks.ts";
import { checkOptions } from "../core/options.ts";
import { randomHex } from "../core/random_hex.ts";
import { ambientRun } from "../core/run/run_context.ts";
import type { AnyRun } from "../core/run/run.ts";
import { withRun } from "../core/run/with_run.ts";
import { makeGraph } from "../graph/compiled_graph.ts";
import type { Values } from "../graph/definition.ts";
import { channel, END, type Graph, GraphError, type GraphResult, START } from "../graph/mod.ts";
import { textOf } from "../pipeline/prompt.ts";
import { choosing, running } from "./carry_out.ts";
import { readParts, type RouterOptions, type RouterParts } from "./parts.ts";
import { type Call, noted, type RouterState } from "./state.ts";
import type {
  DispatchOptions,
  ExplainOptions,
  Router,
  RouterExplanation,
  RouterResult,
  RouterResumeOptions,
} from "./types.ts";
import { clarify, extracting, isUnsure } from "./understand.ts";
import { routerVoice, RUN } from "./voice.ts";

/**
 * Makes a router: a model says what a request asks for, and rules choose how it is answered.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If `minConfidence` is not from 0 to 1.
 *
 * @example
 * ```ts
 * import { router } from "@locus/core/router";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const desk = router({
 *   // In place of a model that reads the request.
 *   extractor: () => ({ primary_goal: "answer", domain: "gaps", complexity: "low", risk: "low" }),
 *   model: scriptedModel(["Mind it."]),
 * });
 * const { text, protocol_id } = await desk.dispatch("What do I do with a gap?");
 * assertEquals([protocol_id, text], ["direct_response", "Mind it."]);
 * ```
 */
export function router(options: RouterOptions): Router {
  return new GraphRouter(readParts("router()", options));
}

const MAX_WAITING = 1000;

class GraphRouter implements Router {
  readonly #parts: RouterParts;
  readonly #graph: Graph<Values, Values>;
  /** What was built for those that wait in this process. */
  readonly #waiting = new Map<string, Call>();

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#graph = graphOf(parts);
  }

  get id(): string {
    return this.#parts.id;
  }

  dispatch(text: string, options: DispatchOptions = {}): Promise<RouterResult> {
    const owner = "dispatch()";
    checkText(owner, "text", text);
    checkOptions(owner, options, DISPATCH);
    return this.#inRun(owner, text, options, (at) => this.#graph.execute(begin(text, false), at));
  }

  resume(answer: unknown, options: RouterResumeOptions): Promise<RouterResult> {
    const owner = "resume()";
    checkOptions(owner, options, [...DISPATCH, "interruptId"]);
    const { interruptId, ...place } = options;
    const which = interruptId === undefined ? {} : { interruptId };
    return this.#inRun(owner, "", place, (at) => this.#graph.resume(answer, { ...at, ...which }));
  }

  async explain(text: string, options: ExplainOptions = {}): Promise<RouterExplanation> {
    const owner = "explain()";
    checkText(owner, "text", text);
    checkOptions(owner, options, ["run", "signal"]);
    const call: Call = {};
    const result = await this.#graph.execute(begin(text, true), { ...options, store: call });
    const { frame, decision } = ended(result, call, options.signal);
    const state = { frame, isSure: false, explains: false };
    return { ...decision!, frame: frame!, asks: isUnsure(this.#parts.minConfidence, state) };
  }

  #inRun(
    owner: string,
    input: string,
    { runId, run, threadId, signal }: DispatchOptions,
    work: (at: Place) => Promise<GraphResult<Values>>,
  ): Promise<RouterResult> {
    if (runId !== undefined) checkRunId(owner, runId);
    if (run !== undefined) checkRun(`${owner}: "run" must be`, run);
    const outer = run ?? ambientRun();
    const go = (run: AnyRun, threadId: string) => this.#go(run, threadId, signal, work);
    if (outer !== undefined && (runId === undefined || runId === outer.id)) {
      return go(outer, threadId ?? randomHex(16));
    }
    const options = {
      name: this.id,
      input,
      ...runId !== undefined && { runId },
      ...outer !== undefined && { parent: outer },
    };
    return withRun(options, (run) => go(run, threadId ?? run.id));
  }

  async #go(
    run: AnyRun,
    threadId: string,
    signal: AbortSignal | undefined,
    work: (at: Place) => Promise<GraphResult<Values>>,
  ): Promise<RouterResult> {
    signal?.throwIfAborted();
    const { checkpointer } = this.#parts;
    const store: Call = this.#waiting.get(threadId) ?? {};
    const result = await work({
      run,
      threadId,
      store,
      ...signal && { signal },
      ...checkpointer && { checkpointer },
    });
    this.#waiting.delete(threadId);
    const { frame, decision, output } = ended(result, store, signal);
    if (result.stop_reason === "interrupted") this.#keep(threadId, store);
    const [raw] = output ?? [null];
    return {
      stop_reason: result.stop_reason === "interrupted" ? "interrupted" : "completed",
      text: raw === null ? "" : textOf(raw),
      parsed: typeof raw === "string" ? null : raw,
      raw,
      protocol_id: decision?.protocol_id ?? null,
      frame,
      interrupts: result.interrupts,
      run_id: run.id,
      thread_id: result.thread_id,
      duration_ms: result.duration_ms,
    };
  }

  #keep(threadId: string, call: Call): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#waiting.delete(this.#waiting.keys().next().value!);
    }
    this.#waiting.set(threadId, call);
  }
}

const DISPATCH: readonly string[] = ["runId", "run", "threadId", "signal"];

/** Where a call of the graph belongs. */
type Place = NonNullable<Parameters<Graph<Values, Values>["execute"]>[1]> & { threadId: string };

function graphOf(parts: RouterParts): Graph<Values, Values> {
  const { id, minConfidence } = parts;
  const fields = Object.keys(begin("", false));
  return makeGraph("router()", {
    id,
    state: Object.fromEntries(fields.map((field) => [field, channel<unknown>(null)])),
    nodes: {
      extract: noted(extracting(parts)),
      clarify,
      choose: noted(choosing(parts)),
      [RUN]: noted(running(parts)),
    },
    edges: {
      [START]: "extract",
      extract: (state: RouterState) => isUnsure(minConfidence, state) ? "clarify" : "choose",
      clarify: ({ isSure }: RouterState) => isSure ? "choose" : "extract",
      choose: ({ explains }: RouterState) => explains ? END : RUN,
      [RUN]: END,
    },
    onFailure: "stop",
  }, routerVoice);
}

function begin(text: string, explains: boolean): RouterState & Values {
  const none = { frame: null, asked: 0, isSure: false, decision: null, output: null };
  return { text, explains, ...none };
}

/** The state of a dispatch that has ended well, or waits. @throws What it failed with. */
function ended(
  result: GraphResult<Values>,
  { thrown }: Call,
  signal: AbortSignal | undefined,
): RouterState {
  const { stop_reason: reason, state, errors } = result;
  if (reason === "end" || reason === "interrupted") return state as Values & RouterState;
  if (reason === "cancelled") signal?.throwIfAborted();
  if (thrown !== undefined) throw thrown.error;
  throw new GraphError(
    reason === "exhausted" ? "failed" : reason,
    `Router stopped: ${reason} (${Object.values(errors).join("; ")})`,
  );
}
