/**
 * Checks events that come from outside: from a browser, another process, another language.
 *
 * Inside a process the compiler has checked them already, and nothing here is loaded. The schemas
 * are [Zod](https://zod.dev) schemas of the payloads that `@locus/core/events` documents; they are
 * also the source of JSON Schemas for everything that is not TypeScript.
 *
 * Readers are tolerant where publishers may be newer: unknown keys are kept and unknown event types
 * pass. They are strict where code would break: a missing key or a value of another type is an error.
 *
 * @example Read events from a log file
 * ```ts
 * import { parseStreamEvent } from "@locus/core/schemas";
 * import { assertEquals } from "@std/assert";
 *
 * const log = `
 * {"event_id":"k3v9-1","run_id":"r1","event_type":"deepagent.fs.read","timestamp":"2026-01-31T12:00:00.000Z","data":{"path":"/a.md","byte_count":12}}
 * {"event_id":"k3v9-2","run_id":"r1","event_type":"shop.paid","timestamp":"2026-01-31T12:00:01.000Z","data":{"amount":3}}
 * `;
 * const events = log.trim().split("\n").map((line) => parseStreamEvent(JSON.parse(line)));
 *
 * let bytes = 0;
 * for (const event of events) {
 *   if (event.event_type === "deepagent.fs.read") bytes += event.data.byte_count;
 * }
 * assertEquals(bytes, 12);
 * ```
 *
 * @module
 */

export { eventDraftSchema, parseEventDraft } from "./schemas/event_draft.ts";
export { eventSchemas } from "./schemas/event_schemas.ts";
export { eventJsonSchemas } from "./schemas/json_schemas.ts";
export { parseStreamEvent, streamEventSchema } from "./schemas/stream_event.ts";
