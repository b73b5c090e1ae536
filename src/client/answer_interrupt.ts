import { isPlain } from "../core/describe.ts";
import { checkCount, checkOptions, describe } from "../core/options.ts";
import { ask } from "./ask.ts";
import { CLIENT_OPTIONS, type ClientOptions, createTarget, discard } from "./request.ts";

/** A person's answer to the question of an `agent.interrupt` event. */
export interface InterruptAnswer {
  /** The `interrupt_id` of the event. */
  readonly interruptId: string;
  /** The answer: a text, or any other JSON that the agent expects. */
  readonly response: unknown;
}

/** Options of {@linkcode answerInterrupt}. */
export interface AnswerOptions extends ClientOptions {
  /** How long to wait for the server, in milliseconds. @default {30000} */
  timeoutMs?: number;
}

/**
 * Answers an agent that waits for a person: `POST /runs/:run_id/resume` of a server that allows it. Resolves when
 * the server has accepted the answer; the run's events show what the agent does with it.
 *
 * - **Once:** the answer is sent once, and not again if that fails.
 * - **Abort:** rejects with the signal's reason; the server may have accepted the answer.
 *
 * @throws {TypeError} If the URL, the answer or an option is not valid.
 * @throws {RangeError} If `timeoutMs` is not a whole number of at least 1.
 * @throws {ClientError} If the server refuses, or doesn't answer. Status 404 means that there is no such run or that
 * you may not answer it, 409 that no agent waits for this answer anymore.
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
  if (!isPlain(answer)) {
    throw new TypeError(`${owner}: the answer must be an object, got ${describe(answer)}`);
  }
  checkOptions(owner, answer, ["interruptId", "response"]);
  const { interruptId, response } = answer;
  if (typeof interruptId !== "string" || interruptId === "") {
    throw new TypeError(
      `${owner}: "interruptId" must be a string${
        interruptId === "" ? " that is not empty" : ""
      }, got ${describe(interruptId)}`,
    );
  }
  const json = toJson(response);
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

/** The JSON of a value; undefined if it has none. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A bigint, a cycle, or a getter that throws.
    return undefined;
  }
}
