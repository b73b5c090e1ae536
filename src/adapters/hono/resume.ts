import type { Context } from "hono";
import { parseJson, readText } from "../http/body.ts";
import { inTime } from "../http/in_time.ts";
import { Refusal, tryAgainLater } from "../http/responses.ts";

/** An answer to an interrupt of an agent. */
export interface ResumeRequest {
  /** The run in which the question was asked. */
  readonly runId: string;
  /** Which question: `interrupt_id` of the `agent.interrupt` event. */
  readonly interruptId: string;
  /** The answer: any JSON. It comes from outside; check it. */
  readonly response: unknown;
}

/** Takes an answer for a waiting agent. Returns `false` if no run waits for it. */
export type ResumeHandler = (c: Context, request: ResumeRequest) => unknown;

/** Hands the answer in a request to the handler, each only once at a time. */
export class Answers {
  readonly #onResume: ResumeHandler;
  readonly #inHand: Set<string> = new Set();

  constructor(onResume: ResumeHandler) {
    this.#onResume = onResume;
  }

  /** @throws {Refusal} 400, 408, 413 or 415 for what is not an answer, 409 if no run waits for it. */
  async take(c: Context, runId: string): Promise<{ run_id: string; interrupt_id: string }> {
    const { interruptId, response } = readAnswer(parseJson(await readText(c, MAX_BODY_BYTES)));
    const key = `${runId} ${interruptId}`;
    // A second click must not answer twice, even while the handler is late.
    if (this.#inHand.has(key)) throw notWaitedFor();
    if (this.#inHand.size >= MAX_IN_HAND) {
      throw tryAgainLater("Too many answers are being taken");
    }
    this.#inHand.add(key);
    const taken = this.#handOver(c, { runId, interruptId, response })
      .finally(() => this.#inHand.delete(key));
    if (await inTime("onResume", taken) === false) throw notWaitedFor();
    return { run_id: runId, interrupt_id: interruptId };
  }

  /** Asynchronous, so that what is thrown is handled like what is rejected with. */
  async #handOver(c: Context, request: ResumeRequest): Promise<unknown> {
    return await this.#onResume(c, request);
  }
}

const MAX_BODY_BYTES = 1024 * 1024;
// A handler that never answers holds its answers for ever.
const MAX_IN_HAND = 1_000;
const MAX_ID_LENGTH = 256;

function readAnswer(body: unknown): Pick<ResumeRequest, "interruptId" | "response"> {
  const { interrupt_id: interruptId } = (body ?? {}) as { interrupt_id?: unknown };
  if (typeof interruptId !== "string" || interruptId === "" || interruptId.length > MAX_ID_LENGTH) {
    throw new Refusal(400, `"interrupt_id" must be a text of 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (!Object.hasOwn(body as object, "response")) throw new Refusal(400, '"response" is missing');
  return { interruptId, response: (body as { response: unknown }).response };
}

function notWaitedFor(): Refusal {
  return new Refusal(409, "Nobody waits for this answer");
}
