// What is wrong with a value, in the words of this project's error messages.

import type { z } from "zod";

/** `must be X, got Y`. */
export function describeProblem(issue: z.core.$ZodIssue, given: unknown): string {
  return `must be ${expectation(issue)}, got ${describe(given)}`;
}

/** A path as one writes it in code: `data.options[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((joined, key) => {
    if (typeof key === "number") return `${joined}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${joined}[${describe(name)}]`;
    return joined === "" ? name : `${joined}.${name}`;
  }, "");
}

const KINDS: Readonly<Record<string, string>> = {
  array: "an array",
  boolean: "true or false",
  int: "a whole number",
  nonoptional: "a JSON value",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a string",
};

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "invalid_union":
      return [...new Set(issue.errors.flat().map(alternative))].join(" or ");
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    default:
      // Checks of our own say in their message what a value must be.
      return issue.message;
  }
}

/** What one member of a union expects, where it may have objected to an item of what was given. */
function alternative(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? expectation(issue) : "another array";
}

/** Short, and never the contents of an object. */
function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
    case "undefined":
      return "nothing";
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}
