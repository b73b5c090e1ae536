import { checkCount, checkOptions, describe } from "../core/options.ts";
import { ask } from "./ask.ts";
import { CLIENT_OPTIONS, type ClientOptions, createTarget, discard } from "./request.ts";

/** What a person says to the question of an `agent.interrupt` event. */
export interface InterruptAnswer {
  /** Which question: the event's `interrupt_id`. */
  readonly interruptId: string;
  /** The answer: a text, or any other JSON that the agent expects. */
  readonly response: unknown;
}

/** Options of {@linkcode answerInterrupt}. */
export interface AnswerOptions extends ClientOptions {
  /** How long to wait for the server's word, in milliseconds. @default {30000} */
  timeoutMs?: number;
}

/**
 * Answers the question of an agent that waits for a person: `POST /runs/:run_id/resume` of a server that
 * allows it. It resolves when the server has taken the answer; what comes of it is told by the run's events.
 *
 * - **Once:** it is sent once, and not again if that fails.
 * - **Abort:** rejects with the signal's reason; the server may have taken the answer.
 *
 * @throws {TypeError} If the URL, the answer or an option is not valid.
 * @throws {RangeError} If `timeoutMs` is not a whole number of at least 1.
 * @throws {ClientError} If the server refuses, or is not there. Status 404 says that there is no such run, or
 * that you may not answer in it; 409 that nobody waits for this answer any more.
 *
 * @example Say yes
 * ```ts
 * import { answerInterrupt } from "@locus/core/client";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: unknown[] = [];
 * const url = "https://example.com/locus/runs/order-42/resume";
 * await answerInterrupt(url, { interruptId: "int_1", response: "yes" }, {
 *   fetch: (_url, init) => {
 *     sent.push(JSON.parse(String(init.body)));
 *     return Promise.resolve(new Response(null, { status: 202 }));
 *   },
 * });
 * assertEquals(sent, [{ interrupt_id: "int_1", response: "yes" }]);
 * ```
 */
export async function answerInterrupt(
  url: string | URL,
  answer: InterruptAnswer,
  options: AnswerOptions = {},
): Promise<void> {
  const owner = "answerInterrupt()";
  checkOptions(owner, options, [...CLIENT_OPTIONS, "timeoutMs"]);
  const { signal, timeoutMs = 30_000 } = options;
  checkCount(owner, "timeoutMs", timeoutMs, 1);
  const { interruptId, response } = answer;
  if (typeof interruptId !== "string") {
    throw new TypeError(`${owner}: "interruptId" must be a string, got ${describe(interruptId)}`);
  }
  const json: string | undefined = JSON.stringify(response);
  if (json === undefined) {
    throw new TypeError(`${owner}: "response" must be JSON, got ${describe(response)}`);
  }
  const target = createTarget(owner, "Cannot answer at", url, options);
  const details = {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: `{"interrupt_id":${JSON.stringify(interruptId)},"response":${json}}`,
  };
  await ask(target, details, { signal, timeoutMs }, discard);
}
