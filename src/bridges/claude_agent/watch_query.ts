import { describe } from "../../core/options.ts";
import {
  type BridgeOptions,
  checkBridgeOptions,
  recordCall,
  type RecordedCall,
} from "../recorder/record_call.ts";
import { attempt } from "../recorder/fence.ts";
import type { SpanEnding } from "../recorder/span_options.ts";
import { isWrapped, withMethods } from "../recorder/wrapped.ts";
import { Session } from "./session.ts";

/**
 * Reads along with a `query()` of the Claude Agent SDK: `for await (const message of watchQuery(query({ … })))`. What comes out
 * are the same messages, one at a time, when they are asked for; all other methods are the query's own.
 *
 * - **Where:** a query whose messages are read inside of a run becomes part of it. Any other becomes a run of its own,
 *   which ends with the query, unless `runs` says otherwise.
 * - **As much as possible** is told with `includePartialMessages: true` and `forwardSubagentText: true`.
 *
 * @throws {TypeError} If `query` cannot be iterated, or an option is unknown or not valid.
 */
export function watchQuery<Q extends AsyncIterator<unknown>>(
  query: Q,
  options: BridgeOptions = {},
): Q {
  const owner = "watchQuery()";
  if (typeof (query as Partial<Q> | null | undefined)?.next !== "function") {
    throw new TypeError(
      `${owner}: expected a query of the Claude Agent SDK, got ${describe(query)}`,
    );
  }
  checkBridgeOptions(owner, options);
  if (isWrapped(query)) return query;
  const reader = new Reader(options);
  const step = async (take: () => Promise<IteratorResult<unknown>>, isLeft = false) => {
    reader.begin();
    try {
      const result = await take();
      if (isLeft) reader.end(LEFT);
      else if (result.done) reader.end({ error: new Error("the session ended without a result") });
      else reader.read(result.value);
      return result;
    } catch (error) {
      reader.end({ error });
      throw error;
    }
  };
  const leaving = (name: "return" | "throw") => {
    const leave = query[name];
    return leave && { [name]: (given: unknown) => step(() => leave.call(query, given), true) };
  };
  const watched: Q = withMethods(query, {
    [Symbol.asyncIterator]: () => watched,
    next: () => step(() => query.next()),
    ...leaving("return"),
    ...leaving("throw"),
  });
  return watched;
}

/** Tells what is read. Nothing that fails here is the host's. */
class Reader {
  readonly #options: BridgeOptions;
  #call: RecordedCall | undefined;
  #session: Session | undefined;
  #hasBegun = false;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    attempt(() => {
      this.#call = recordCall("claude-agent", this.#options, { name: "claude" });
      this.#session = this.#call && new Session(this.#call.recorder);
    });
  }

  read(message: unknown): void {
    attempt(() => this.#session?.read(message));
  }

  end(ending: SpanEnding): void {
    attempt(() => this.#session?.end(ending));
    attempt(() => this.#call?.end());
    this.#session = this.#call = undefined;
  }
}

const LEFT: SpanEnding = { error: new DOMException("its reader left", "AbortError") };
