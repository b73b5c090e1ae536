import { randomHex } from "../../core/random_hex.ts";
import { describe } from "../../core/options.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { answersIn } from "../ai_sdk/ai_call.ts";
import { lastQuestion } from "../ai_sdk/messages.ts";
import { attempt } from "../recorder/fence.ts";
import { type BridgeOptions, checkBridgeOptions, recordCall } from "../recorder/record_call.ts";
import { isWrapped, markWrapped } from "../recorder/wrapped.ts";
import { isModel, messagesOf, type Settings } from "./settings.ts";
import { WatchedCall } from "./watched_call.ts";

/**
 * Wraps `generateText`, `streamText`, `generateObject` or `streamObject` of the AI SDK, so that its calls are told: `const
 * generateText = locusWrap(ai.generateText)`. What the wrapped function takes and returns is the same.
 *
 * - **Where:** a call inside of a run becomes part of it. Any other call becomes a run of its own, named by its
 *   `experimental_telemetry.functionId` or its model, unless `runs` says otherwise.
 * - **How:** the model, the tools and the callbacks are wrapped in a copy of the settings. Nothing global is changed.
 * - **A reader who leaves** a stream is something that the AI SDK does not tell: the call ends with its run. Use
 *   `withRun()` around streams that may be left.
 *
 * @throws {TypeError} If `fn` is no function, or an option is unknown or not valid.
 */
export function locusWrap<F extends (settings: never) => unknown>(
  fn: F,
  options: BridgeOptions = {},
): F {
  const owner = "locusWrap()";
  if (typeof fn !== "function") {
    throw new TypeError(`${owner}: expected a function of the AI SDK, got ${describe(fn)}`);
  }
  if (/^class\b/.test(Function.prototype.toString.call(fn))) {
    throw new TypeError(
      `${owner}: expected a function such as generateText, got the class ${fn.name}; its calls cannot be wrapped`,
    );
  }
  checkBridgeOptions(owner, options);
  if (isWrapped(fn)) return fn;
  const wrapped: unknown = (settings: Settings): unknown => {
    const call = begin(fn.name, settings, options);
    if (call === undefined) return fn(settings as never);
    const watched = attempt(() => call.watch(settings, !/^generate/.test(fn.name))) ?? settings;
    let result: unknown;
    try {
      result = fn(watched as never);
    } catch (error) {
      call.fail(error);
      throw error;
    }
    // Of a stream nothing is read, because whoever reads any part of it makes it run.
    if (!isPromiseLike(result)) return result;
    // In place of it: a second branch beside the caller's would make a failure look handled that nobody handles.
    return (result as Promise<object>).then((answer) => {
      call.end(answer);
      return answer;
    }, (error) => {
      call.fail(error);
      throw error;
    });
  };
  return markWrapped(wrapped as F);
}

function begin(name: string, settings: Settings, options: BridgeOptions): WatchedCall | undefined {
  // Where it fails, the AI SDK will refuse these settings.
  return attempt(() => {
    const { model, experimental_telemetry } = settings;
    const messages = messagesOf(settings);
    const place = recordCall("ai-sdk-6", options, {
      name: experimental_telemetry?.functionId ?? (isModel(model) ? model.modelId : String(model)),
      input: () => lastQuestion(messages),
      answers: answersIn(messages),
    });
    return place && new WatchedCall(`${name}/${randomHex(16)}`, `ai.${name}`, settings, place);
  });
}
