/**
 * What the program has registered with OpenTelemetry, whichever copy of the API it did that with.
 *
 * The API answers only for an SDK that was registered by a copy of the same minor version or a later one,
 * and otherwise does nothing without a word. But SDK 2 asks for an API below 1.10, so two copies are usual.
 * What is called here has been the same since API 1.0, so the version makes no difference.
 */

import {
  context,
  type ContextAPI,
  type Meter,
  metrics,
  trace,
  type Tracer,
} from "@opentelemetry/api";

/** Makes spans. */
export type SpanMaker = Pick<Tracer, "startSpan">;

/**
 * Makes spans with the provider that is registered at that moment.
 *
 * @param schemaUrl Where the names of its spans are written down.
 * @param onMissing Called when a span is made while nothing is registered, once.
 */
export function registeredTracer(
  name: string,
  schemaUrl: string,
  onMissing: () => void,
): SpanMaker {
  let isKnown = false;
  return {
    startSpan(...span) {
      const global = registered();
      if (!isKnown && global.trace === undefined && global.metrics === undefined) {
        isKnown = true;
        onMissing();
      }
      return (global.trace ?? trace).getTracer(name, undefined, { schemaUrl })
        .startSpan(...span);
    },
  };
}

/** The meter of the provider that is registered now; one that does nothing if there is none. */
export function registeredMeter(name: string): Meter {
  return (registered().metrics ?? metrics).getMeter(name);
}

/** What carries a context through the work that is done in it. */
export type ContextCarrier = Pick<ContextAPI, "active" | "with">;

/** The registered carrier of contexts; one that carries none if there is none. */
export function registeredCarrier(): ContextCarrier {
  return registered().context ?? context;
}

interface Registered {
  readonly context?: ContextCarrier;
  readonly trace?: {
    getTracer(name: string, version: string | undefined, options: { schemaUrl: string }): Tracer;
  };
  readonly metrics?: { getMeter(name: string): Meter };
}

function registered(): Registered {
  return (globalThis as { [GLOBAL]?: Registered })[GLOBAL] ?? {};
}

/** Where all copies of the API 1.x keep it. */
const GLOBAL = Symbol.for("opentelemetry.js.api.1");
