import type { Subscription } from "../../core/bus/bus.ts";
import { tryAgainLater } from "./responses.ts";

/**
 * Waits until a subscription knows how it started: at once in process, else when the bus has looked.
 *
 * @throws {Refusal} 503 if the bus cannot be reached; the subscription is cancelled then.
 */
export async function whenOpened(
  subscription: Subscription<unknown>,
  report: (error: unknown) => string,
): Promise<void> {
  if (subscription.opened === undefined) return;
  try {
    await subscription.opened;
  } catch (error) {
    report(error);
    await subscription.cancel();
    throw tryAgainLater("The events cannot be reached");
  }
}
