import { describe } from "../options.ts";

/** Which events a reader wants: a type (`agent.think`), a prefix (`agent.tool.*`), or several. */
export type EventSelect = string | readonly string[];

const PATTERN = /^(\*|[A-Za-z0-9_.:-]{1,64}|[A-Za-z0-9_.:-]{1,62}\.\*)$/;
const MAX_PATTERNS = 64;

/**
 * Compiles a selection of event types; undefined if it takes everything.
 *
 * @throws {TypeError} If it is not a type, a prefix that ends in `.*`, or a list of up to 64 of them.
 */
export function compileSelect(
  owner: string,
  select: EventSelect | undefined,
): ((eventType: string) => boolean) | undefined {
  if (select === undefined) return undefined;
  const patterns = typeof select === "string" ? [select] : select;
  if (!Array.isArray(patterns) || patterns.length > MAX_PATTERNS || !patterns.every(isPattern)) {
    throw new TypeError(
      `${owner}: "select" must be an event type, a "prefix.*" or up to ${MAX_PATTERNS} of them, got ${
        describe(Array.isArray(select) ? select[0] : select)
      }`,
    );
  }
  if (patterns.includes("*")) return undefined;
  const tests = patterns.map((pattern) => {
    const prefix = pattern.slice(0, -1);
    return pattern.endsWith("*")
      ? (eventType: string) => eventType.startsWith(prefix)
      : (eventType: string) => eventType === pattern;
  });
  return tests.length === 1 ? tests[0] : (eventType) => tests.some((matches) => matches(eventType));
}

function isPattern(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value);
}
