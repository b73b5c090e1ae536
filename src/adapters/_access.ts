import type { Context } from "hono";
import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import type { LocusOptions } from "./_locus_options.ts";
import { Refusal } from "./_responses.ts";

/** Who may have to do with which run. */
export class Access {
  readonly #authorize: LocusOptions["authorize"];

  /** Without an authoriser everything that exists is allowed. */
  constructor(authorize: LocusOptions["authorize"]) {
    this.#authorize = authorize;
  }

  /** Whether a request may have to do with a run; null is all of them. */
  async allows(c: Context, runId: string | null): Promise<boolean> {
    // Only true is a yes: a forgotten return must not open anything.
    return this.#authorize === undefined || await this.#authorize(c, runId) === true;
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
