/** What the Workers of this example are bound to; in a project of yours, `wrangler types` writes this. */

/** Another Worker, or an object. */
export interface Service {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
}

/** The bindings. */
export interface Env {
  readonly RUNS: { getByName(name: string): Service };
  readonly KITCHEN: Service;
}

/** The object that holds the bus. One for all runs; by `getByName(runId)` it would be one a run. */
export function runsOf(env: Pick<Env, "RUNS">): Service {
  return env.RUNS.getByName("runs");
}
