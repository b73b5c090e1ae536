import type { Context } from "hono";
import { isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { inTime } from "../http/in_time.ts";
import { Refusal } from "../http/responses.ts";
import { mapAFewAtATime } from "./a_few_at_a_time.ts";

/** Decides whether a request may access a run; null means no particular run. */
type Authorize = (c: Context, runId: string | null) => boolean | Promise<boolean>;

/** Decides which requests may access which runs. */
export class Access {
  readonly #authorize: Authorize | undefined;

  /** Without `authorize` everything that exists is allowed. */
  constructor(authorize: Authorize | undefined) {
    this.#authorize = authorize;
  }

  /**
   * Whether a request may access a run; null means no particular run.
   *
   * @throws What `authorize` throws, or `TimeoutError` if it does not answer.
   */
  async allows(c: Context, runId: string | null): Promise<boolean> {
    return await inTime("authorize", this.ask(c, runId));
  }

  /** The same without a time limit, for a caller that has its own. */
  ask(c: Context, runId: string | null): boolean | Promise<boolean> {
    if (this.#authorize === undefined) return true;
    const answer = this.#authorize(c, runId);
    // Only true is a yes: a forgotten return must not open anything.
    return isPromiseLike(answer) ? Promise.resolve(answer).then(isYes) : isYes(answer);
  }

  /**
   * Whether a request may have to do with each of these runs; none are no run in particular. For a caller that has a
   * time limit of its own.
   */
  async askForAll(c: Context, runIds: readonly string[]): Promise<boolean> {
    const asked = runIds.length > 0 ? runIds : [null];
    const answers = await mapAFewAtATime(asked, async (runId) => await this.ask(c, runId));
    return answers.every(isYes);
  }

  /** @throws {Refusal} 404 if a request may not have to do with each of these runs, as if there were none. */
  async checkAll(c: Context, runIds: readonly string[]): Promise<void> {
    if (!await inTime("authorize", this.askForAll(c, runIds))) throw new Refusal(404, "Not found");
  }

  /** Those of the runs that the request may have to do with. Each is asked for once, a few at a time. */
  async allowed(c: Context, runIds: ReadonlySet<string>): Promise<Set<string>> {
    const asked = [...runIds];
    const answers = await mapAFewAtATime(asked, (runId) => this.allows(c, runId));
    return new Set(asked.filter((_, index) => answers[index]));
  }

  /** @throws {Refusal} 404 if it may not, as if there were nothing. */
  async check(c: Context, runId: string | null): Promise<void> {
    if (!await this.allows(c, runId)) throw new Refusal(404, "Not found");
  }

  /**
   * The run that a request is about.
   *
   * @throws {Refusal} 400 if its id is none, 404 if the request may not have to do with it.
   */
  async runOf(c: Context): Promise<string> {
    const runId = c.req.param("run_id");
    if (!isRunId(runId)) throw new Refusal(400, `The run id must be ${RUN_ID_RULE}`);
    await this.check(c, runId);
    return runId;
  }
}

function isYes(answer: unknown): boolean {
  return answer === true;
}
