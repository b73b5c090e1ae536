// How schemas of whole events report: every problem in this project's words.

import { z } from "zod";
import { describeProblem, formatPath } from "./_problems.ts";
import { isObject, payloadProblems, valueAt } from "./_payload_problems.ts";

/** What a schema of an event's own keys makes sure of. */
interface Typed {
  event_type: string;
  data: object;
}

/** `data` of an event. Not z.record: that would copy the payload, key by key. */
export const payload: z.ZodType<object> = z.custom<object>(isObject, "an object");

/**
 * The schema of a whole event: its own keys by `envelope`, then its payload by its type. The result is the
 * value itself, not a copy.
 */
export function checkWith<T>(envelope: z.ZodType<Typed>): z.ZodType<T> {
  return z.custom<T>().check((context) => {
    const event: unknown = context.value;
    const result = envelope.safeParse(event);
    if (!result.success) {
      for (const issue of result.error.issues) report(issue, issue.path);
      return;
    }
    const { event_type: eventType, data } = result.data;
    for (const issue of payloadProblems(eventType, data)) report(issue, ["data", ...issue.path]);

    function report(issue: z.core.$ZodIssue, path: PropertyKey[]): void {
      const input = valueAt(event, path);
      context.issues.push({ code: "custom", path, input, message: describeProblem(issue, input) });
    }
  });
}

/**
 * Parses with such a schema.
 *
 * @throws {TypeError} If the value is not such an event; the message names the first problem.
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }, ...more] = result.error.issues as [z.core.$ZodIssue, ...unknown[]];
  const place = path.length === 0 ? "it" : `"${formatPath(path)}"`;
  const others = more.length === 0 ? "" : ` (problem 1 of ${more.length + 1})`;
  throw new TypeError(`Cannot read event: ${place} ${message}${others}`);
}
