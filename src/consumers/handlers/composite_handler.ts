import { createConsoleReporter } from "../../core/bus/event_bus_options.ts";
import { attempt, checkHandler, type StreamedEvent, type StreamHandler } from "./stream_handler.ts";

/** Hands everything to several handlers, in their order. One that throws does not stop the others. */
export class CompositeHandler implements StreamHandler {
  readonly #handlers: readonly StreamHandler[];
  readonly #report = createConsoleReporter();

  /** Makes the handler of its parts. @throws {TypeError} If one is not a handler. */
  constructor(...handlers: StreamHandler[]) {
    for (const handler of handlers) checkHandler("CompositeHandler", handler);
    this.#handlers = handlers;
  }

  /** Hands it on. */
  onEvent(event: StreamedEvent): void {
    this.#each((handler) => handler.onEvent(event));
  }

  /** Hands it on. */
  onComplete(): void {
    this.#each((handler) => handler.onComplete());
  }

  /** Hands it on. */
  onError(error: unknown): void {
    this.#each((handler) => handler.onError(error));
  }

  #each(call: (handler: StreamHandler) => void): void {
    for (const handler of this.#handlers) attempt(() => call(handler), this.#report);
  }
}
