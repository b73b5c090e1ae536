/**
 * JSON Schemas as providers accept them. Each knows a part of JSON Schema and refuses a request with the rest, so
 * what it cannot be told is said in the description, and checked here when the arguments come back
 * ({@linkcode restore}).
 */

import { isRecord } from "../../core/options.ts";
import {
  describeAlso,
  type Dialect,
  keywordsOf,
  portableNames,
  unique,
  withOptionalCycles,
} from "./dialects.ts";
import { flatten, isUnion, type Root } from "./flatten.ts";
import { itemsOf, type JsonSchema, resolveRef, typesOf } from "./json_schema.ts";

/** The property that holds what has to be in an object and is none. */
export const WRAPPER = "input";

/**
 * The schema in a provider's dialect: an object, without a union at its root, with references into its own `$defs`.
 *
 * @returns Null if the dialect is `strict` and cannot say it: values of any form, and keys that are not known.
 */
export function toPortable(schema: JsonSchema, dialect: Dialect): JsonSchema | null {
  const writer = new Writer(schema, dialect);
  try {
    return writer.write();
  } catch (error) {
    if (error !== INEXPRESSIBLE) throw error;
    return dialect === "strict" ? null : { type: "object", properties: {} };
  }
}

/** Thrown where a schema says what the dialect cannot, and is nested too deeply. Without a stack, as it is expected. */
const INEXPRESSIBLE = Symbol("inexpressible");
const MAX_DEPTH = 48;

const SCALARS = ["string", "number", "integer", "boolean", "null"];

class Writer {
  readonly #root: Root;
  readonly #dialect: Dialect;
  readonly #names = new Map<string, string>();
  readonly #defs: Record<string, JsonSchema> = {};

  constructor(root: JsonSchema, dialect: Dialect) {
    this.#root = root;
    this.#dialect = dialect;
  }

  write(): JsonSchema {
    const written = this.#write(flatten(this.#root, this.#root, true), 0);
    const isObject = written["type"] === "object" && isRecord(written["properties"]);
    const object = isObject ? written : {
      type: "object",
      properties: { [WRAPPER]: written },
      required: [WRAPPER],
      additionalProperties: false,
    };
    const defs = Object.keys(this.#defs).length > 0 ? { $defs: this.#defs } : {};
    const whole: JsonSchema = { ...object, ...defs };
    return this.#dialect === "google" ? withOptionalCycles(whole) : whole;
  }

  #write(given: unknown, depth: number): JsonSchema {
    if (depth > MAX_DEPTH) throw INEXPRESSIBLE;
    if (!isRecord(given)) return this.#anything({});
    const schema = flatten(given, this.#root);
    const { $ref, title, description } = schema;
    if (typeof $ref === "string") {
      const ref = { $ref: `#/$defs/${this.#define($ref, depth)}` };
      // Nothing may stand beside a reference.
      return description === undefined ? ref : { anyOf: [ref], description };
    }
    const said = {
      ...title !== undefined && { title },
      ...description !== undefined && { description },
    };
    if (isUnion(schema)) {
      const { title: _, description: __, anyOf, ...base } = schema;
      const forms = (anyOf as unknown[]).map((form) =>
        isRecord(form) ? { allOf: [base, form] } : form
      );
      return this.#union(forms, said, depth);
    }
    if (Array.isArray(schema["enum"])) return this.#enum(schema["enum"], schema, said, depth);
    const types = typesOf(schema);
    if (types.length === 0) return this.#anything(said);
    if (types.length > 1) {
      if (this.#dialect === "plain" && types.every((type) => SCALARS.includes(type))) {
        const kept = types.map((type) => keywordsOf("plain", type, schema)[0]);
        return Object.assign({ type: types }, said, ...kept);
      }
      const { title: _, description: __, ...base } = schema;
      return this.#union(types.map((type) => ({ ...base, type })), said, depth);
    }
    return this.#typed(types[0]!, schema, said, depth);
  }

  #typed(type: string, schema: JsonSchema, said: JsonSchema, depth: number): JsonSchema {
    const [kept, dropped] = keywordsOf(this.#dialect, type, schema);
    const written: Record<string, unknown> = { type, ...said, ...kept };
    if (type === "array") Object.assign(written, this.#items(schema, dropped, depth));
    if (type === "object") Object.assign(written, this.#properties(schema, depth));
    return describeAlso(written, dropped);
  }

  #anything(said: JsonSchema): JsonSchema {
    if (this.#dialect === "strict") throw INEXPRESSIBLE;
    return said;
  }

  #union(forms: readonly unknown[], said: JsonSchema, depth: number): JsonSchema {
    const written = new Map<string, JsonSchema>();
    for (const form of forms) {
      const one = this.#write(form, depth + 1);
      const isBare = Array.isArray(one["anyOf"]) && Object.keys(one).length === 1;
      for (const each of isBare ? one["anyOf"] as JsonSchema[] : [one]) {
        written.set(JSON.stringify(each), each);
      }
    }
    const [first = {}, ...rest] = written.values();
    if (rest.length > 0) return { anyOf: [first, ...rest], ...said };
    return "$ref" in first && Object.keys(said).length > 0
      ? { anyOf: [first], ...said }
      : { ...first, ...said };
  }

  #enum(
    values: readonly unknown[],
    schema: JsonSchema,
    said: JsonSchema,
    depth: number,
  ): JsonSchema {
    const types = typesOf(schema);
    const groups = new Map<string, unknown[]>();
    for (const value of values) {
      const type = value === null ? "null" : typeof value;
      groups.set(type, [...groups.get(type) ?? [], value]);
    }
    const forms = [...groups].flatMap(([type, group]): JsonSchema[] => {
      if (
        types.length > 0 && !types.includes(type) &&
        !(type === "number" && types.includes("integer"))
      ) {
        return [];
      }
      if (type === "null") return [{ type }];
      // Objects and arrays have no enumeration that all providers know; nor has Google for true and false.
      if (type === "object") return [describeAlso({}, { enum: group })];
      if (type === "boolean" && this.#dialect === "google") {
        return [describeAlso({ type }, { enum: group })];
      }
      const shown = type === "number" && types.includes("integer") ? "integer" : type;
      const isOne = this.#dialect === "plain" && "const" in schema;
      return [{ type: shown, ...isOne ? { const: group[0] } : { enum: group } }];
    });
    if (forms.some((form) => form["type"] === undefined)) {
      return this.#anything({ ...forms[0], ...said });
    }
    if (forms.length === 1) return { ...forms[0], ...said };
    if (depth > MAX_DEPTH || forms.length === 0) return this.#anything(said);
    return { anyOf: forms, ...said };
  }

  /** Lists of which each place has a schema of its own are lists of any of these: not all know the other. */
  #items(schema: JsonSchema, dropped: Record<string, unknown>, depth: number): JsonSchema {
    const [prefixItems, rest] = itemsOf(schema);
    if (!Array.isArray(schema["prefixItems"] ?? schema["items"])) {
      return { items: this.#write(rest ?? {}, depth + 1) };
    }
    const isOpen = rest !== undefined && rest !== false;
    const places = prefixItems.map((item) => this.#write(item, depth + 1));
    dropped["inThisOrder"] = places.map(({ title, type, $ref }) => title ?? type ?? $ref ?? "any");
    const { minItems = isOpen ? undefined : prefixItems.length } = schema;
    return {
      items: this.#union(isOpen ? [...prefixItems, rest] : prefixItems, {}, depth + 1),
      ...minItems !== undefined && { minItems },
      ...!isOpen && { maxItems: prefixItems.length },
    };
  }

  #properties(schema: JsonSchema, depth: number): JsonSchema {
    const { additionalProperties: open, patternProperties } = schema;
    const needed = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
    // What is required is a property, too.
    const unnamed = Object.fromEntries([...needed].map((name) => [name, {}]));
    const given: Record<string, unknown> = { ...unnamed, ...Object(schema["properties"]) };
    const isStrict = this.#dialect === "strict";
    const names = portableNames(Object.keys(given));
    const isClosed = open === false || (open === undefined && names.size > 0);
    if (isStrict && (!isClosed || patternProperties !== undefined)) throw INEXPRESSIBLE;
    const properties: Record<string, JsonSchema> = {};
    for (const [shown, name] of names) {
      const inner = given[name];
      if (inner === false) continue;
      const optional = isStrict && !needed.has(name);
      properties[shown] = optional
        ? this.#optional(inner, depth + 1)
        : this.#write(inner, depth + 1);
    }
    const required = Object.keys(properties).filter((shown) =>
      isStrict || needed.has(names.get(shown))
    );
    return {
      properties,
      ...(isStrict || required.length > 0) && { required },
      ...open === false && (patternProperties === undefined || this.#dialect === "plain") ||
          isStrict
        ? { additionalProperties: false }
        : {},
      ...isRecord(open) && { additionalProperties: this.#write(open, depth + 1) },
      ...isRecord(patternProperties) && this.#dialect === "plain" && {
        patternProperties: Object.fromEntries(
          Object.entries(patternProperties).map(([key, one]) => [key, this.#write(one, depth + 1)]),
        ),
      },
    };
  }

  /** What may be left out is null, where nothing may be left out. */
  #optional(schema: unknown, depth: number): JsonSchema {
    const { title, description, ...written } = this.#write(schema, depth);
    const isBare = Array.isArray(written["anyOf"]);
    const forms = isBare ? written["anyOf"] as JsonSchema[] : [written];
    const said = {
      ...title !== undefined && { title },
      ...description !== undefined && { description },
    };
    const isNullable = forms.some(({ type }) => type === "null");
    return { anyOf: isNullable ? forms : [...forms, { type: "null" }], ...said };
  }

  #define(ref: string, depth: number): string {
    const known = this.#names.get(ref);
    if (known !== undefined) return known;
    const last = ref.split("/").at(-1) ?? "";
    const name = unique(last === "#" || last === "" ? "root" : last, new Set(this.#names.values()));
    this.#names.set(ref, name);
    this.#defs[name] = this.#write(resolveRef(this.#root, ref), depth + 1);
    return name;
  }
}
