import { attempt, fence, inside } from "../recorder/fence.ts";
import { OpenIds } from "../recorder/open_ids.ts";
import { type BridgeOptions, checkBridgeOptions, recordCall } from "../recorder/record_call.ts";
import { AiCall, answersIn } from "./ai_call.ts";
import type {
  CallEvent,
  EndEvent,
  ModelEndEvent,
  ModelEvent,
  Part,
  StartEvent,
  ToolEvent,
} from "./hooks.ts";
import { lastQuestion } from "./messages.ts";
import { readAlong } from "./read_along.ts";

/** What `registerTelemetry()` of `ai` takes, or `telemetry.integrations` of one call. */
export interface AiSdkTelemetry {
  /** A call begins. */
  onStart(event: object): void;
  /** A model is about to be called. */
  onLanguageModelCallStart(event: CallEvent): void;
  /** Calls a model: once for each attempt. */
  executeLanguageModelCall<T>(
    options: CallEvent & { execute: () => PromiseLike<T> },
  ): PromiseLike<T>;
  /** A model has answered. */
  onLanguageModelCallEnd(event: CallEvent): void;
  /** `generateObject()` and `streamObject()` call a model. */
  onObjectStepStart(event: CallEvent): void;
  /** It has answered. */
  onObjectStepEnd(event: CallEvent): void;
  /** A tool is about to be called. */
  onToolExecutionStart(event: CallEvent): void;
  /** Calls a tool. */
  executeTool<T>(
    options: CallEvent & { toolCallId: string; execute: () => PromiseLike<T> },
  ): PromiseLike<T>;
  /** A tool returned or failed. */
  onToolExecutionEnd(event: CallEvent): void;
  /** A turn is over. */
  onStepEnd(event: object): void;
  /** A call is over. */
  onEnd(event: object): void;
  /** A stream was aborted. */
  onAbort(event: CallEvent): void;
  /** A call failed. */
  onError(event: unknown): void;
}

/**
 * Makes what tells Locus of the AI SDK's calls. Register it once: `registerTelemetry(locusTelemetry())`.
 *
 * - **Where:** a call inside of a run becomes part of it. Any other call becomes a run of its own, named by its
 *   `telemetry.functionId` or its model, unless `runs` says otherwise.
 * - **The host** gets the same results, parts and errors, in the same order, whatever happens here.
 * - **A reader who leaves** a stream is something that the AI SDK does not tell: the call ends with its run. Use
 *   `withRun()` around streams that may be left.
 * - `telemetry: { isEnabled: false }` of a call silences it; `recordInputs` and `recordOutputs` are respected.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export function locusTelemetry(options: BridgeOptions = {}): AiSdkTelemetry {
  checkBridgeOptions("locusTelemetry()", options);
  const calls = new OpenIds<AiCall>("ai-sdk");
  const find = (event: unknown): AiCall | undefined =>
    calls.get((event as Partial<CallEvent> | null)?.callId ?? "");

  const hooks: AiSdkTelemetry = {
    onStart(event) {
      const start = event as StartEvent;
      if (!/^ai\.(generate|stream)(Text|Object)$/.test(start.operationId)) return;
      if (typeof start.callId !== "string") return warnOnce(start.aiVersion);
      if (calls.isTaken(start.callId) || find(start) !== undefined) return;
      const { callId, functionId, modelId = "model", messages } = start;
      const place = recordCall("ai-sdk", options, {
        name: functionId ?? modelId,
        input: () => lastQuestion(messages),
        answers: answersIn(messages),
      });
      if (place === undefined) return;
      const call = new AiCall(place, start, () => {
        calls.delete(callId);
        place.end();
      });
      calls.set(callId, call);
    },
    onLanguageModelCallStart: (event) => find(event)?.startTurn(),
    executeLanguageModelCall(options) {
      const call = find(options);
      if (call === undefined) return options.execute();
      const place = () => {
        call.startModel(options as ModelEvent);
        return call.insideModel;
      };
      return watch(call, options, inside(place, options.execute));
    },
    onLanguageModelCallEnd: (event) => find(event)?.endModel(event as ModelEndEvent),
    onObjectStepStart(event) {
      const call = find(event);
      call?.startTurn();
      call?.startModel(event as ModelEvent);
    },
    onObjectStepEnd: (event) => find(event)?.endModel(event as ModelEndEvent),
    onToolExecutionStart: (event) => find(event)?.startTool(event as ToolEvent),
    executeTool: (options) =>
      inside(() => find(options)?.insideTool(options.toolCallId), options.execute),
    onToolExecutionEnd: (event) => find(event)?.endTool(event as ToolEvent),
    onStepEnd: (event) => find(event)?.endTurn(event as EndEvent),
    onEnd: (event) => find(event)?.end(event as EndEvent),
    onAbort: (event) => find(event)?.cancel(),
    onError: (event) => find(event)?.fail((event as { error?: unknown }).error),
  };
  return fence(hooks, Object.keys(hooks).filter((name) => name.startsWith("on")));
}

/** Looks at what a model call comes to, without being in the way. */
async function watch<T>(call: AiCall, options: ModelEvent, result: PromiseLike<T>): Promise<T> {
  try {
    const answer = await result;
    attempt(() => {
      // Only a streaming call has one. It is what the AI SDK reads on, though its types do not say so.
      const { stream } = Object(answer) as { stream?: ReadableStream<unknown> };
      if (typeof stream?.getReader !== "function" || options.recordOutputs === false) return;
      readAlong(stream, (part) => call.see(part as Part), (error) => call.breakStream(error));
    });
    return answer;
  } catch (error) {
    attempt(() => call.failModel(error));
    throw error;
  }
}

let hasWarned = false;

function warnOnce(version = "6 or older"): void {
  if (hasWarned) return;
  hasWarned = true;
  console.warn(
    `Locus: locusTelemetry() needs the hooks of \`ai\` 7, and this is ${version}, whose hooks do not say which call they ` +
      "are about. Nothing is recorded: npm install ai@7, or see @locus/core/bridges/ai-sdk-6",
  );
}
