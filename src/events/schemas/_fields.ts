// The kinds of values that payloads consist of. Schemas of one kind share one object.

import { z } from "zod";

/** The schemas of one prefix: every event of `E` has exactly one. */
export type SchemaRecord<E> = { readonly [K in keyof E]: z.ZodType<E[K]> };

/** Any text, `""` included. */
export const text: z.ZodString = z.string();

/** A text, or null for none. */
export const textOrNull: z.ZodType<string | null> = orNull(text);

/** Any number of texts. */
export const texts: z.ZodArray<z.ZodString> = z.array(text);

/** A yes or no. */
export const flag: z.ZodBoolean = z.boolean();

/** How many, how long in characters or bytes, or an index from 0. */
export const count: z.ZodInt = z.int().min(0);

/** A position from 1. */
export const ordinal: z.ZodInt = z.int().min(1);

/** How many, or null for none. */
export const countOrNull: z.ZodType<number | null> = orNull(count);

/** A number on a scale of another component. */
export const number: z.ZodNumber = z.number();

/** A number on a scale of another component, or null for none. */
export const numberOrNull: z.ZodType<number | null> = orNull(number);

/** A duration, in whatever unit its key says. */
export const duration: z.ZodNumber = z.number().min(0);

/** A share, a score or a confidence: 0 to 1. */
export const ratio: z.ZodNumber = z.number().min(0).max(1);

/** Any value that JSON can hold; its key must be there. */
export const anything: z.ZodUnknown = z.unknown();

/** An object with keys of the publisher's choice. */
export const dictionary: z.ZodRecord<z.ZodString, z.ZodUnknown> = z.record(text, anything);

/** A payload with keys of the publisher's choice. */
export const free: z.ZodObject<Record<never, never>, z.core.$loose> = z.looseObject({});

/** A value of a kind, or null for none. A union, because the error of one names both. */
export function orNull<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return z.union([schema, z.null()]);
}
