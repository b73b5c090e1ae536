import { describe } from "../../core/options.ts";
import { ambientRun } from "../../core/run/run_context.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import { AsyncVariable } from "../../runtime/async_context.ts";
import { attempt } from "../recorder/fence.ts";
import { fieldsOf, textIn } from "../recorder/fields.ts";
import { isWrapped, withMethods } from "../recorder/wrapped.ts";
import type { AgentsModel, AgentsModelProvider } from "./spans.ts";

/** A model call under way: which model was asked, and which span of ours it is, once the SDK has opened its own. */
interface ModelCall {
  readonly name: string | undefined;
  recorder?: SpanRecorder;
  key?: string;
}

const inCall = new AsyncVariable<ModelCall>({ name: "@locus/core/bridges/openai-agents" });

/** Whether a processor tells of calls outside of any run. Where none does, models are left alone there. */
export const watching = { all: false };

/** Says which span the model call that is under way here has; answers which model was asked, if it is known. */
export function noteModel(recorder: SpanRecorder, key: string): void {
  const call = inCall.get();
  if (call === undefined) return;
  call.recorder = recorder;
  call.key = key;
}

/** The model that is asked here, if it is known. */
export function modelHere(): string | undefined {
  return inCall.get()?.name;
}

/**
 * Wraps a provider of models, so that what they stream is told as it comes: `new Runner({ modelProvider:
 * locusModels(new OpenAIProvider()) })`. It needs `locusTraceProcessor()`, which tells the rest.
 *
 * Models get the same requests, and their streams are read as before: one part at a time, when it is asked for.
 *
 * @throws {TypeError} If `provider` is none.
 */
export function locusModels<P extends AgentsModelProvider>(provider: P): P {
  if (typeof (provider as Partial<P> | null | undefined)?.getModel !== "function") {
    const given = describe(provider);
    throw new TypeError(
      `locusModels(): expected a model provider of the OpenAI Agents SDK, got ${given}`,
    );
  }
  if (isWrapped(provider)) return provider;
  return withMethods(provider, {
    async getModel(name?: string) {
      const model = await provider.getModel(name);
      return isWrapped(model) ? model : watch(model, name);
    },
  });
}

function watch(model: AgentsModel, name: string | undefined): AgentsModel {
  return withMethods(model, {
    getResponse: (request: never) => inCall.run({ name }, () => model.getResponse(request)),
    getStreamedResponse(request: never) {
      const stream = model.getStreamedResponse(request);
      return watching.all || ambientRun() !== undefined ? readAlong(stream, { name }) : stream;
    },
  });
}

function readAlong(stream: AsyncIterable<unknown>, call: ModelCall): AsyncIterable<unknown> {
  // The SDK opens its span in the first step.
  const step = <R>(take: () => R): R => inCall.run(call, take);
  return {
    [Symbol.asyncIterator]() {
      const source = stream[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await step(() => source.next());
          if (!result.done && call.key !== undefined) see(call.recorder!, call.key, result.value);
          return result;
        },
        async return(value) {
          return await step(() => source.return?.(value)) ?? { done: true, value };
        },
        async throw(error) {
          if (source.throw === undefined) throw error;
          return await step(() => source.throw!(error));
        },
      };
    },
  };
}

/** Tells a part of a stream. */
function see(recorder: SpanRecorder, key: string, part: unknown): void {
  attempt(() => {
    const { type, delta, event } = fieldsOf(part);
    if (type === "output_text_delta") return recorder.delta(key, String(delta));
    if (type !== "model") return;
    const text = textIn(event, "delta") ?? "";
    switch (textIn(event, "type")) {
      case "response.output_item.added":
        if (textIn(fieldsOf(event).item, "type") === "function_call") {
          recorder.delta(key, "", "tool_input");
        }
        return;
      case "response.function_call_arguments.delta":
        return recorder.delta(key, text, "tool_input");
      case "response.reasoning_text.delta":
      case "response.reasoning_summary_text.delta":
        return recorder.delta(key, text, "reasoning");
    }
  });
}
