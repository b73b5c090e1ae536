/** Results that are too long for the conversation, kept elsewhere. */

import { abortable, deadline } from "../../core/waits.ts";
import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { randomHex } from "../../core/random_hex.ts";
import { readWhole } from "../../core/option_values.ts";
import type { ToolContext } from "../tools/context.ts";
import { clip, referenceKeyOf, report } from "../state/texts.ts";
import { type Tool, tool } from "../tools/tool.ts";
import type { Feature } from "../loop/feature.ts";
import { withResult } from "../tools/outcome.ts";

/** Options of a {@linkcode ToolResultStore}. */
export interface ToolResultStoreOptions {
  /**
   * Keeps a text under a key of letters, digits, `.`, `_` and `-`; may be async.
   *
   * @default {in memory: the latest results, up to 20 million characters}
   */
  save?: (key: string, text: string) => unknown;
  /** The text under a key, or nothing if it is not there; may be async. Goes with `save`. */
  load?: (key: string) => string | null | undefined | Promise<string | null | undefined>;
  /** Longer results are stored. @default {32_000} */
  thresholdChars?: number;
  /** How much of a stored result the model sees, at first and with each reading. @default {8000} */
  previewChars?: number;
}

/** Which call a result comes from. */
export type ResultOrigin = Pick<ToolContext, "runId" | "iteration" | "toolName" | "toolCallId">;

/**
 * Keeps tool results that are too long for the conversation, so that nothing of them is lost: the
 * conversation gets their beginning and a reference, by which the model reads on when it needs to.
 *
 * - **In an agent:** `new Agent({ toolResultStore })`. The agent gets the tool `read_tool_result`, unless
 *   it has one of that name. Event, state and model get the same text.
 * - **Reading** is confined to references that stand in the executions of the reader's own conversation:
 *   a key that leaked elsewhere opens nothing.
 * - **Failures:** if saving fails, or takes longer than 30 seconds, the result is cut to the agent's
 *   `maxToolResultLength`, and the failure is reported.
 * - **Bounds:** what `save` keeps and for how long is up to it.
 *
 * @example Keep long results in files of your own
 * ```ts
 * import { extractReferenceKey, ToolResultStore } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const files = new Map<string, string>();
 * const store = new ToolResultStore({
 *   save: (key, text) => files.set(key, text),
 *   load: (key) => files.get(key),
 *   thresholdChars: 1000,
 *   previewChars: 100,
 * });
 * const origin = { runId: "r1", iteration: 0, toolName: "search", toolCallId: "call_1" };
 * const shown = await store.offload("x".repeat(5000), origin);
 *
 * assertEquals(extractReferenceKey(shown), "r1.0.search.call_1");
 * assertEquals(files.get("r1.0.search.call_1")?.length, 5000);
 * ```
 */
export class ToolResultStore {
  /** Longer results are stored. */
  readonly thresholdChars: number;
  /** How much of a stored result the model sees at once. */
  readonly previewChars: number;
  /** The tool by which the model reads on. */
  readonly tool: Tool;
  readonly #save: (key: string, text: string) => unknown;
  readonly #load: NonNullable<ToolResultStoreOptions["load"]>;

  /**
   * Makes a store.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type, or only one of `save` and `load` is
   * given.
   * @throws {RangeError} If a number is out of its range.
   */
  constructor(options: ToolResultStoreOptions = {}) {
    checkOptions(OWNER, options, ["save", "load", "thresholdChars", "previewChars"]);
    const { save, load, thresholdChars = 32_000, previewChars = 8000 } = options;
    checkFunction(OWNER, "save", save);
    checkFunction(OWNER, "load", load);
    if ((save === undefined) !== (load === undefined)) {
      throw new TypeError(`${OWNER}: "save" and "load" must be given together`);
    }
    this.thresholdChars = readWhole(OWNER, "thresholdChars", thresholdChars, 2);
    // One could be half a character, and reading would not get on.
    this.previewChars = readWhole(OWNER, "previewChars", previewChars, 2, thresholdChars);
    const memory = new MemoryResults(MEMORY_CHARS);
    this.#save = save ?? ((key, text) => memory.save(key, text));
    this.#load = load ?? ((key) => memory.load(key));
    this.tool = this.#createTool();
  }

  /**
   * Stores a text if it is too long.
   *
   * @param signal Ends the wait for `save`.
   * @returns What to show in its place; a text that is short enough as it is.
   * @throws Whatever `save` throws, or the reason of `signal`; a `TimeoutError` after 30 seconds.
   */
  async offload(text: string, origin: ResultOrigin, signal?: AbortSignal): Promise<string> {
    if (text.length <= this.thresholdChars) return text;
    const key = keyOf(origin);
    await deadline(call(() => this.#save(key, text)), STORAGE_MS, { signal });
    return `[stored: ${text.length} characters as "${key}"; the beginning follows, ` +
      `${READ_TOOL} reads on]\n${clip(text, this.previewChars)}`;
  }

  /** The whole text of a reference; null if it is not there any more. @throws Whatever `load` throws. */
  async load(key: string): Promise<string | null> {
    return await this.#load(key) ?? null;
  }

  #createTool(): Tool {
    return tool<{ key: string; offset: number }>({
      name: READ_TOOL,
      description: "Reads on in a stored tool result, of which only the beginning was shown.",
      parameters: {
        type: "object",
        properties: {
          key: { type: "string", description: "As the stored result names it." },
          offset: {
            type: "integer",
            minimum: 0,
            default: this.previewChars,
            description: "At which character to begin.",
          },
        },
        required: ["key"],
      },
      execute: async ({ key, offset }, { state, signal }) => {
        const isOwn = state.tool_executions.some(({ result }) =>
          result !== null && extractReferenceKey(result) === key
        );
        const text = isOwn
          ? await abortable(call(() => this.#load(key)), signal) as string | null | undefined
          : null;
        if (typeof text !== "string") {
          throw new RangeError(`There is no stored result ${describe(key)} in this conversation`);
        }
        const part = clip(text.slice(offset), this.previewChars);
        const end = Math.min(offset + part.length, text.length);
        const rest = end < text.length ? `; go on with offset ${end}` : "; this is the end";
        return `[characters ${Math.min(offset, end)} to ${end} of ${text.length}${rest}]\n${part}`;
      },
    }) as Tool;
  }
}

/**
 * The key of a stored result, from the text that stands in its place; null if it is another text.
 *
 * @example Look it up
 * ```ts
 * import { extractReferenceKey } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(extractReferenceKey("Sunny, 18 °C"), null);
 * ```
 */
export function extractReferenceKey(text: string): string | null {
  if (typeof text !== "string") {
    throw new TypeError(`extractReferenceKey(): expected a string, got ${describe(text)}`);
  }
  return referenceKeyOf(text);
}

const OWNER = "ToolResultStore";
const READ_TOOL = "read_tool_result";
const MEMORY_CHARS = 20_000_000;
const STORAGE_MS = 30_000;

// The id of the call, as a tool may be called several times in a turn. It is the provider's to choose, and
// keys end up as file names: odd characters are written as their code, and a long id is cut, with a
// random end.
function keyOf({ runId, iteration, toolName, toolCallId }: ResultOrigin): string {
  const parts = [runId, String(iteration), toolName, toolCallId].map((part) => {
    const safe = part.replace(/[^A-Za-z0-9_-]/g, (char) => `.${char.charCodeAt(0).toString(16)}`);
    return safe.length <= 80 ? safe : `${safe.slice(0, 64)}-${randomHex(16)}`;
  });
  return parts.join(".");
}

// What throws at once rejects like anything else.
async function call<T>(fn: () => T): Promise<Awaited<T>> {
  return await fn();
}

/** Keeps texts in memory, and forgets the oldest when they become too much. */
class MemoryResults {
  readonly #texts = new Map<string, string>();
  readonly #maxChars: number;
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  save(key: string, text: string): void {
    if (text.length > this.#maxChars) {
      throw new RangeError(`A text of ${text.length} characters is too long to be kept in memory`);
    }
    this.#texts.set(key, text);
    this.#chars += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#chars <= this.#maxChars) break;
      this.#texts.delete(oldest);
      this.#chars -= length;
    }
  }

  load(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }
}

/** Puts long results into the agent's store. */
export function storedResults(store: ToolResultStore): Feature {
  return {
    name: "tool results",
    async keepResult({ state, signal }, { call, tool }, outcome) {
      if (outcome.result === null) return null;
      // What the store itself hands out is short, and must not be put away once more.
      if (tool === store.tool) return outcome;
      const { name: toolName, id: toolCallId } = call;
      const origin = {
        runId: state.run_id,
        iteration: state.iteration - 1,
        toolName,
        toolCallId,
      };
      try {
        return withResult(outcome, await store.offload(outcome.result, origin, signal));
      } catch (error) {
        if (!signal.aborted) report("toolResultStore failed to save a result", error);
        return null;
      }
    },
  };
}
