import type { AnyEvents } from "./own_events.ts";
import { describeIssues, type StandardSchema } from "./standard_schema.ts";

/**
 * The payload of an event from outside, as the schema of its type returns it; unchanged if there is none.
 *
 * @throws {TypeError} If the payload does not fit, or the schema answers with a promise.
 */
export function parseOwnPayload(events: AnyEvents, eventType: string, data: unknown): unknown {
  if (!Object.hasOwn(events.schemas, eventType)) return data;
  const schema = events.schemas[eventType] as StandardSchema;
  const result = schema["~standard"].validate(data);
  if ("then" in result) {
    result.then(undefined, () => {});
    throw new TypeError(`The schema of "${eventType}" must validate synchronously`);
  }
  if (result.issues === undefined) return result.value;
  throw new TypeError(
    `The payload of "${eventType}" is not valid: ${describeIssues(result.issues, "data")}`,
  );
}
