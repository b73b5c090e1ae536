import type { Context } from "hono";
import { parseJson, readText } from "./_body.ts";
import { Refusal } from "./_responses.ts";

/** Somebody's answer to the question of an agent. */
export interface ResumeRequest {
  /** The run in which the question was asked. */
  readonly runId: string;
  /** Which question: `interrupt_id` of the `agent.interrupt` event. */
  readonly interruptId: string;
  /** The answer: any JSON. It comes from outside; check it. */
  readonly response: unknown;
}

/** Takes answers for agents that wait. `false` says that nobody waits for this one, or not any more. */
export type ResumeHandler = (c: Context, request: ResumeRequest) => unknown;

/** Hands the answer in a request to the handler, each only once at a time. */
export class Answers {
  readonly #onResume: ResumeHandler;
  readonly #inHand: Set<string> = new Set();

  constructor(onResume: ResumeHandler) {
    this.#onResume = onResume;
  }

  /** @throws {Refusal} 400, 408, 413 or 415 for what is no answer, 409 if nobody waits for it. */
  async take(c: Context, runId: string): Promise<{ run_id: string; interrupt_id: string }> {
    const { interruptId, response } = readAnswer(parseJson(await readText(c, MAX_BODY_BYTES)));
    const key = `${runId} ${interruptId}`;
    // Whoever clicks twice answers once.
    if (this.#inHand.has(key)) throw notWaitedFor();
    this.#inHand.add(key);
    try {
      if (await this.#onResume(c, { runId, interruptId, response }) === false) throw notWaitedFor();
    } finally {
      this.#inHand.delete(key);
    }
    return { run_id: runId, interrupt_id: interruptId };
  }
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ID_LENGTH = 256;

function readAnswer(body: unknown): Pick<ResumeRequest, "interruptId" | "response"> {
  const { interrupt_id: interruptId } = (body ?? {}) as { interrupt_id?: unknown };
  if (
    typeof interruptId !== "string" || interruptId === "" || interruptId.length > MAX_ID_LENGTH
  ) {
    throw new Refusal(400, `"interrupt_id" must be a text of 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (!Object.hasOwn(body as object, "response")) throw new Refusal(400, '"response" is missing');
  return { interruptId, response: (body as { response: unknown }).response };
}

function notWaitedFor(): Refusal {
  return new Refusal(409, "Nobody waits for this answer");
}
