/**
 * Writes the events as other languages and tools read them: `docs/events.schema.json` (JSON Schema) and
 * `docs/asyncapi.json`, which says where they are had as well. `tests/docs/schemas_test.ts` fails if they are stale.
 *
 * ```sh
 * deno run -A docs/generate_schemas.ts
 * ```
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { VERSION } from "../src/cli/version.ts";
import { eventCatalogue, type EventType } from "../src/events/mod.ts";
import { eventJsonSchemas } from "../src/events/schemas.ts";

/** What is written, by the name of the file. */
export const files: Readonly<Record<string, () => object>> = {
  "events.schema.json": eventsSchema,
  "asyncapi.json": asyncApi,
};

/** The text of a file. */
export function render(file: () => object): string {
  return `${JSON.stringify(file(), null, 2)}\n`;
}

/** One schema for every event: the five keys, and by the type what is in `data`. */
function eventsSchema(): object {
  const payloads = eventJsonSchemas();
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Locus event",
    ...ENVELOPE,
    allOf: Object.keys(payloads).map((eventType) => ({
      if: { properties: { event_type: { const: eventType } } },
      then: { properties: { data: { $ref: `#/$defs/${eventType}` } } },
    })),
    $defs: withoutDialect(payloads),
  };
}

/** The routes of `locus()` that carry events, and every event as a message. */
function asyncApi(): object {
  const eventTypes = Object.keys(eventCatalogue) as EventType[];
  const isTakenIn = (eventType: string) => !eventType.startsWith("bus.") || eventType === "bus.end";
  const refs = (types: readonly string[]) =>
    Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]));
  return {
    asyncapi: "3.0.0",
    info: { title: "Locus", version: VERSION, license: { name: "MIT" }, description: ABOUT },
    defaultContentType: "application/json",
    channels: {
      run: {
        address: "/runs/{run_id}/events",
        title: "The events of one run",
        description: FRAMING,
        parameters: { run_id: { description: "The run that is followed." } },
        messages: refs(eventTypes),
      },
      runs: {
        address: "/events",
        title: "The events of all runs, from now on",
        description: FRAMING,
        messages: refs(eventTypes),
      },
      ingest: {
        address: "/events",
        title: "Events of other processes",
        description: INGEST,
        messages: refs(eventTypes.filter(isTakenIn)),
      },
    },
    operations: {
      followRun: { action: "send", channel: { $ref: "#/channels/run" }, bindings: http("GET") },
      followAllRuns: {
        action: "send",
        channel: { $ref: "#/channels/runs" },
        bindings: http("GET"),
      },
      publish: {
        action: "receive",
        channel: { $ref: "#/channels/ingest" },
        bindings: http("POST"),
      },
    },
    components: {
      messages: Object.fromEntries(
        eventTypes.map((eventType) => [eventType, messageOf(eventType)]),
      ),
      schemas: { event: ENVELOPE, ...withoutDialect(eventJsonSchemas()) },
    },
  };
}

function messageOf(eventType: EventType): object {
  const { summary, note, pairs_with: pair } = eventCatalogue[eventType];
  const description = [note, pair && `The other half of the pair is ${pair}.`]
    .filter((part) => part !== undefined).join(" ");
  return {
    name: eventType,
    title: eventType,
    summary,
    ...(description === "" ? {} : { description }),
    payload: {
      allOf: [{ $ref: "#/components/schemas/event" }],
      properties: {
        event_type: { const: eventType },
        data: { $ref: `#/components/schemas/${eventType}` },
      },
    },
  };
}

function http(method: string): object {
  return { http: { method, bindingVersion: "0.3.0" } };
}

/** The file that they are put into says once which JSON Schema it is. */
function withoutDialect(schemas: Record<string, object>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _, ...rest } = schema as { $schema?: string };
      return [name, rest];
    }),
  );
}

const ABOUT = "What happens in the runs of AI agents, as one stream of events. " +
  "The addresses are below the path where the routes are mounted, such as /locus. " +
  "Events of your own have other names, and any payload.";

const FRAMING =
  "Server-Sent Events: `id` is the event_id, `event` the event_type, and `data` the whole event. " +
  "Last-Event-ID, or ?after=, goes on after an event; ?select= takes types and prefixes such as agent.tool.*.";

const INGEST =
  "One event, a list of them, or one a line (application/x-ndjson). Of each, run_id, event_type and data are " +
  "read; event_id and timestamp are given anew, and may be left out. bus.end closes the run.";

const ENVELOPE = {
  description:
    "Keys and event types that are not known are to be ignored: a newer publisher may send more. " +
    'In place of a value that could not be kept stands { "$placeholder": "…" }.',
  type: "object",
  required: ["event_id", "run_id", "event_type", "timestamp", "data"],
  properties: {
    event_id: {
      type: "string",
      description: "Unique within the run; opaque.",
      pattern: "^[A-Za-z0-9]{1,32}-(0|[1-9][0-9]{0,15})$",
    },
    run_id: {
      type: "string",
      description: "The run; * for a gap that concerns no single one.",
      pattern: "^(\\*|(?!\\.\\.?$)[A-Za-z0-9_.:@~+=-]{1,128})$",
    },
    event_type: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,64}$" },
    timestamp: {
      type: "string",
      description: "ISO 8601 in UTC, to the millisecond.",
      format: "date-time",
    },
    data: { type: "object" },
  },
} as const;

if (import.meta.main) {
  for (const [name, file] of Object.entries(files)) {
    await writeFile(new URL(name, import.meta.url), render(file));
  }
}
