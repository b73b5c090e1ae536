/**
 * Replaces secrets in events, logs and traces, before they are stored and before they are cut.
 *
 * - {@linkcode redactingBus} redacts everything that is published to a bus.
 * - {@linkcode createRedactor} makes a redactor that also knows your own secrets, for a bus, a log or traces.
 * - {@linkcode redactSecrets} is for a single text.
 *
 * You get some of it without asking: an agent redacts its previews, streamed text and errors before it publishes
 * them, the log consumers redact every line, and the OpenTelemetry bridge every span. Payloads that your own code
 * publishes are stored as they are, unless their bus is a {@linkcode redactingBus}.
 *
 * @example A log and a bus that know a secret of yours
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { createRedactor, redactingBus } from "@locus/core/redaction";
 * import { assertEquals } from "@std/assert";
 *
 * const held = new EventBus();
 * const bus = redactingBus(held, createRedactor({ keys: ["iban"] }));
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { iban: "DE02", amount: 7 } });
 * assertEquals(held.history()[0]?.data as object, { iban: "[REDACTED]", amount: 7 });
 * ```
 *
 * @module
 */
export { createRedactor, type Redactor, type RedactorOptions } from "./redactor.ts";
export { redactingBus } from "./redacting_bus.ts";
export { redactSecrets } from "./secrets.ts";
export { type PatternSet, PII_PATTERNS } from "./pii.ts";
