import { type Fields, numberIn, textIn } from "../../view/payload.ts";
import type { AgUiUsage } from "./events.ts";

/** The tokens of a run, by model. */
export class TokenUsage {
  readonly #byModel = new Map<string, AgUiUsage>();

  /** Adds an `agent.tokens.used`. @param called What the model call itself is named. */
  add(data: Fields, called: string): void {
    const name = textIn(data, "model") || called;
    // Names come from outside: further models are counted together.
    const model = this.#byModel.has(name) || this.#byModel.size < MAX_MODELS ? name : "";
    const usage = this.#byModel.get(model) ??
      { ...model !== "" && { model }, inputTokens: 0, outputTokens: 0, totalTokens: 0 };
    usage.inputTokens += countIn(data, "prompt_tokens");
    usage.outputTokens += countIn(data, "completion_tokens");
    usage.totalTokens += countIn(data, "total_tokens");
    this.#byModel.set(model, usage);
  }

  /** What was counted since it was asked last, as a field of an event. */
  take(): { usage?: AgUiUsage[] } {
    const usage = [...this.#byModel.values()];
    this.#byModel.clear();
    return usage.length === 0 ? {} : { usage };
  }
}

/** AG-UI takes whole numbers only. */
function countIn(data: Fields, key: string): number {
  return Math.max(0, Math.round(numberIn(data, key) ?? 0));
}

const MAX_MODELS = 100;
