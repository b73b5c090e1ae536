/** A second Worker, which is called in the name of a run: what it says is seen there, inside the caller's span. */
import { emit, EventBus, withSpan } from "@locus/core";
import { runContextFrom } from "@locus/core/propagation";
import { type Env, runsOf } from "./bindings.ts";
import { delivered } from "./deliver.ts";

export default {
  // Only Workers with the binding reach it, so the run that they name is theirs.
  fetch: (request: Request, env: Env): Promise<Response> =>
    runContextFrom(
      request.headers,
      { bus: new EventBus() },
      // Delivered before it answers: the caller may end the run then.
      (run) => run === undefined ? cook(request) : delivered(run, runsOf(env), () => cook(request)),
    ),
};

function cook(request: Request): Promise<Response> {
  return withSpan("cook", async () => {
    const { dish } = await request.json() as { dish: string };
    for (const step of ["wash", "cut", "fry"]) {
      emit("kitchen.step", { dish, step });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return Response.json({ dish });
  });
}
