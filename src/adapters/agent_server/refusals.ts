import { InterruptError, ThreadBusyError } from "../../agent/state/errors.ts";
import { Refusal, tryAgainLater } from "../http/responses.ts";

/** For a thread that has a run already. */
export function busy(): Refusal {
  return new Refusal(409, "A run of this thread is under way");
}

/** For an answer to a question that was never asked, or is not open any more. */
export function noQuestion(): Refusal {
  return new Refusal(404, "No run waits for this answer");
}

/** For what does not exist, or belongs to another principal. */
export function notFound(): Refusal {
  return new Refusal(404, "Not found");
}

/** For one more than there may be. */
export function tooManyRuns(): Refusal {
  return tryAgainLater("Too many runs");
}

/** The response to an error with which an agent refuses to start; null for any other error. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ThreadBusyError) return busy();
  if (error instanceof InterruptError) {
    return new Refusal(409, "This question cannot be answered any more");
  }
  return null;
}
