import { describe, isPlain } from "../core/describe.ts";
import type { Metadata, MetadataValue } from "./source.ts";

/** What a value must be. Several conditions must all hold. */
export interface Condition {
  /** It is this. */
  readonly eq?: MetadataValue;
  /** Also where there is no value. */
  readonly ne?: MetadataValue;
  /** It is one of these. */
  readonly in?: readonly MetadataValue[];
  /** Numbers are compared with numbers, texts with texts by their code units; nothing else passes. */
  readonly gt?: number | string;
  /** At least this. */
  readonly gte?: number | string;
  /** Less than this. */
  readonly lt?: number | string;
  /** At most this. */
  readonly lte?: number | string;
  /** Whether there is a value at all; null is one. */
  readonly exists?: boolean;
}

/**
 * Which metadata passes: values that must be equal, or conditions, by name. `and`, `or` and `not` combine filters. Of
 * several parts all must pass, whatever they are.
 *
 * @example
 * ```ts
 * import type { Filter } from "@locus/core/rag";
 *
 * const recent: Filter = { lang: "en", year: { gte: 2020 } };
 * const either: Filter = { or: [recent, { not: { draft: true } }] };
 * ```
 */
export type Filter =
  | { readonly [name: string]: MetadataValue | Condition }
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

/**
 * Makes a function of a filter, for stores that have none of their own.
 *
 * @throws {TypeError} If it is not a filter.
 */
export function matcher(filter: Filter): (metadata: Metadata) => boolean {
  if (!isPlain(filter)) throw new TypeError(`filter: expected an object, got ${describe(filter)}`);
  const tests = Object.entries(filter).map(([name, wanted]) => {
    if (name === "not" && isPlain(wanted)) {
      const refused = matcher(wanted as Filter);
      return (metadata: Metadata) => !refused(metadata);
    }
    if ((name === "and" || name === "or") && Array.isArray(wanted)) {
      const parts = wanted.map((part) => matcher(part));
      return (metadata: Metadata) =>
        parts[name === "and" ? "every" : "some"]((passes) => passes(metadata));
    }
    const passes = valueTest(name, wanted);
    return (metadata: Metadata) =>
      passes(Object.hasOwn(metadata, name) ? metadata[name] : undefined);
  });
  return (metadata) => tests.every((passes) => passes(metadata));
}

type ValueTest = (value: MetadataValue | undefined) => boolean;

function valueTest(name: string, wanted: unknown): ValueTest {
  if (isValue(wanted)) return (value) => value === wanted;
  if (!isPlain(wanted)) {
    throw new TypeError(
      `filter: "${name}" must be a text, a number, true, false, null or conditions, got ${
        describe(wanted)
      }`,
    );
  }
  const tests = Object.entries(wanted).map(([operator, operand]) => {
    const make = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator as keyof Condition] : null;
    if (make === null) {
      const known = Object.keys(OPERATORS).join(", ");
      throw new TypeError(`filter: "${name}" has no condition "${operator}"; there are ${known}`);
    }
    if (!isOperand(operator, operand)) {
      throw new TypeError(`filter: "${name}.${operator}" cannot be ${describe(operand)}`);
    }
    return make(operand as never);
  });
  return (value) => tests.every((passes) => passes(value));
}

const OPERATORS: Readonly<Record<keyof Condition, (operand: never) => ValueTest>> = {
  eq: (operand: MetadataValue) => (value) => value === operand,
  ne: (operand: MetadataValue) => (value) => value !== operand,
  in: (operand: readonly MetadataValue[]) => (value) => operand.includes(value!),
  gt: ordered((value, operand) => value > operand),
  gte: ordered((value, operand) => value >= operand),
  lt: ordered((value, operand) => value < operand),
  lte: ordered((value, operand) => value <= operand),
  exists: (operand: boolean) => (value) => (value !== undefined) === operand,
};

type Ordered = number | string;

/** A comparison of values of one kind; others have no order. */
function ordered(holds: (value: Ordered, operand: Ordered) => boolean) {
  return (operand: Ordered): ValueTest => (value) =>
    typeof value === typeof operand && holds(value as Ordered, operand);
}

function isOperand(operator: string, operand: unknown): boolean {
  if (operator === "in") return Array.isArray(operand);
  if (operator === "exists") return typeof operand === "boolean";
  if (operator === "eq" || operator === "ne") return isValue(operand);
  return typeof operand === "number" || typeof operand === "string";
}

/** Whether a value can be one of metadata. */
export function isValue(value: unknown): value is MetadataValue {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
