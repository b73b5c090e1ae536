import { AiCall } from "../ai_sdk/ai_call.ts";
import type { EndEvent, Part } from "../ai_sdk/hooks.ts";
import { readAlong } from "../ai_sdk/read_along.ts";
import { attempt, inside } from "../recorder/fence.ts";
import type { RecordedCall } from "../recorder/record_call.ts";
import { withMethods } from "../recorder/wrapped.ts";
import { followed } from "./followed.ts";
import { endOf, StreamedAnswer } from "./model_answer.ts";
import { isModel, messagesOf, type Model, type ModelParams, type Settings } from "./settings.ts";

/** A call of the AI SDK, told from within its settings: its model, its tools, and what it calls back. */
export class WatchedCall {
  readonly #id: string;
  readonly #call: AiCall;
  /** Whether the last attempt of a model call failed, so that the next one is another attempt. */
  #isRetry = false;

  constructor(id: string, name: string, settings: Settings, place: RecordedCall) {
    const { model, tools, maxRetries = 2, experimental_telemetry } = settings;
    this.#id = id;
    this.#call = new AiCall(place, {
      callId: id,
      operationId: name,
      modelId: isModel(model) ? model.modelId : String(model ?? "model"),
      provider: isModel(model) ? model.provider : undefined,
      functionId: experimental_telemetry?.functionId,
      tools,
      maxRetries,
      messages: messagesOf(settings),
    }, place.end);
  }

  /** A copy of the settings that tells what happens. */
  watch(settings: Settings, streams: boolean): Settings {
    const { model, tools, prepareStep, onStepFinish, onFinish, onError, onAbort } = settings;
    return {
      ...settings,
      ...isModel(model) && { model: this.#model(model) },
      ...tools && { tools: this.#tools(tools) },
      ...prepareStep && { prepareStep: this.#prepareStep(prepareStep) },
      onStepFinish: (step) => {
        attempt(() => this.#call.endTurn(step as EndEvent));
        return onStepFinish?.(step);
      },
      ...streams && {
        onFinish: (event) => {
          this.end(event);
          return onFinish?.(event);
        },
        onError: (event) => {
          this.fail(event.error);
          // What the AI SDK does where nobody says otherwise.
          return onError === undefined ? console.error(event.error) : onError(event);
        },
        onAbort: (event) => {
          attempt(() => this.#call.cancel());
          return onAbort?.(event);
        },
      },
    };
  }

  end(event: EndEvent & { readonly error?: unknown }): void {
    // An object that is not what was asked for is no error of the stream.
    if (event.error !== undefined) return this.fail(event.error);
    attempt(() => this.#call.end(event));
  }

  fail(error: unknown): void {
    attempt(() => this.#call.fail(error));
  }

  /** The same model, and one that tells. */
  #model(model: Model): Model {
    return withMethods(model, {
      doStream: (params: ModelParams) => this.#stream(model, params),
      doGenerate: (params: ModelParams) => this.#generate(model, params),
    });
  }

  async #generate(model: Model, params: ModelParams): Promise<object> {
    const answer = await this.#ask(model, params, () => model.doGenerate(params));
    const { content } = answer as { content?: unknown };
    attempt(() => this.#call.endModel(endOf(this.#id, answer, content)));
    return answer;
  }

  async #stream(model: Model, params: ModelParams): Promise<Streamed> {
    const result = await this.#ask(model, params, () => model.doStream(params));
    attempt(() => {
      const answer = new StreamedAnswer();
      const see = (part: Part) => {
        this.#call.see(part);
        answer.add(part);
        if (part.type === "finish") {
          this.#call.endModel(endOf(this.#id, part, answer.content));
        }
      };
      readAlong(
        result.stream,
        (part) => see(part as Part),
        // Nothing is called back then.
        (error) => this.fail(error),
      );
    });
    return result;
  }

  /** One attempt of a model call. */
  async #ask<R>(model: Model, params: ModelParams, execute: () => PromiseLike<R>): Promise<R> {
    const { modelId, provider } = model;
    const { prompt = [], tools, temperature, maxOutputTokens } = params;
    const place = () => {
      if (!this.#isRetry) this.#call.startTurn();
      this.#isRetry = false;
      const asked = { modelId, provider, messages: prompt, tools, temperature, maxOutputTokens };
      this.#call.startModel({ callId: this.#id, ...asked });
      return this.#call.insideModel;
    };
    try {
      return await inside(place, execute);
    } catch (error) {
      this.#isRetry = true;
      attempt(() => this.#call.failModel(error));
      throw error;
    }
  }

  #tools(tools: NonNullable<Settings["tools"]>): NonNullable<Settings["tools"]> {
    return Object.fromEntries(
      Object.entries(tools).map(([toolName, tool]) => {
        const { execute } = tool;
        if (typeof execute !== "function") return [toolName, tool];
        const watched: typeof execute = (input, options) => {
          const toolCall = { toolCallId: options.toolCallId, toolName, input };
          const place = () => {
            this.#call.startTool({ callId: this.#id, toolCall });
            return this.#call.insideTool(options.toolCallId);
          };
          const end = (toolOutput: { type: string; output?: unknown; error?: unknown }) =>
            attempt(() => this.#call.endTool({ callId: this.#id, toolCall, toolOutput }));
          return followed(
            () => inside(place, () => Reflect.apply(execute, tool, [input, options])),
            (output) => end({ type: "tool-result", output }),
            (error) => end({ type: "tool-error", error }),
          );
        };
        // A tool may be of a class.
        const own = {
          ...Object.getOwnPropertyDescriptors(tool),
          execute: { value: watched, enumerable: true },
        };
        return [toolName, Object.create(Object.getPrototypeOf(tool), own)];
      }),
    );
  }

  /** A step may have a model of its own. */
  #prepareStep(prepare: NonNullable<Settings["prepareStep"]>): Settings["prepareStep"] {
    return async (step) => {
      const prepared = await prepare(step) as { model?: unknown } | undefined;
      if (!isModel(prepared?.model)) return prepared;
      return { ...prepared, model: this.#model(prepared.model) };
    };
  }
}

type Streamed = Awaited<ReturnType<Model["doStream"]>>;
