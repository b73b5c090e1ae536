import { InterruptError, ThreadBusyError } from "../../agent/errors.ts";
import { Refusal } from "../_responses.ts";

/** For a thread that has a run already. */
export function busy(): Refusal {
  return new Refusal(409, "A run of this thread is under way");
}

/** For an answer that nobody asked for, or asks for any more. */
export function noQuestion(): Refusal {
  return new Refusal(404, "No run waits for this answer");
}

/** For what does not exist, or is somebody else's. */
export function notFound(): Refusal {
  return new Refusal(404, "Not found");
}

/** For one more than there may be. */
export function tooManyRuns(): Refusal {
  // Those that were refused together shall not come back together.
  const seconds = 1 + Math.floor(Math.random() * 5);
  return new Refusal(503, "Too many runs; try again later", { "Retry-After": String(seconds) });
}

/** What the client is told of an error by which an agent refuses to begin; null for any other. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ThreadBusyError) return busy();
  if (error instanceof InterruptError) {
    return new Refusal(409, "This question cannot be answered any more");
  }
  return null;
}
