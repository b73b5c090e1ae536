/** JSON in what a model wrote: by itself, in a code fence, or amid other words. */

import type {
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "../../events/standard_schema.ts";
import { errorText } from "../state/texts.ts";

/**
 * Every value that `text` holds as JSON, the likeliest first: the whole text and nothing else, or code
 * fences marked as JSON, other fences, then objects and arrays amid the words. Never throws.
 */
export function* extractJson(text: string): Generator<unknown, void> {
  const whole = parse(text);
  if (whole !== null) return yield whole.value;
  const fences = Array.from(text.matchAll(/```([^\n`]*)\n([\s\S]*?)```/g), ([, label, code]) => ({
    isJson: /^\s*json/i.test(label ?? ""),
    code: code ?? "",
  }));
  for (const { code } of fences.filter(({ isJson }) => isJson)) yield* parsed(code);
  for (const { code } of fences.filter(({ isJson }) => !isJson)) yield* parsed(code);
  yield* amidWords(text);
}

/** How many brackets are tried at most: each may be looked at up to the end of the text. */
const MAX_ATTEMPTS = 64;

function* amidWords(text: string): Generator<unknown, void> {
  const opening = /[{[]/g;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const match = opening.exec(text);
    if (match === null) return;
    const end = findEnd(text, match.index);
    if (end === null) continue;
    const found = parse(text.slice(match.index, end));
    if (found === null) continue;
    yield found.value;
    opening.lastIndex = end;
  }
}

/** Behind the bracket that closes the one at `start`; null if none does. */
function findEnd(text: string, start: number): number | null {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = endOfString(text, i) ?? text.length;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i + 1;
  }
  return null;
}

function* parsed(text: string): Generator<unknown, void> {
  const found = parse(text);
  if (found !== null) yield found.value;
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * What the beginning of a JSON text already says for sure: all of it up to the last value that is
 * complete, with what is open closed. A string, number or word at the end may still grow, so it is left
 * out. What comes before the first object or array is skipped.
 *
 * @returns Undefined if there is nothing yet, or it is no JSON. Never throws.
 */
export function parsePartialJson(text: string): unknown {
  const start = text.search(/[{[]/);
  if (start === -1) return undefined;
  try {
    return JSON.parse(close(text, start));
  } catch {
    return undefined;
  }
}

function close(text: string, start: number): string {
  // The brackets that would close what is open, innermost last.
  const open: string[] = [];
  let isKey = false;
  /** Up to where it is sure. */
  let end = start;
  for (let i = start; i < text.length; i++) {
    switch (text[i]) {
      case "{":
      case "[":
        isKey = text[i] === "{";
        open.push(isKey ? "}" : "]");
        end = i + 1;
        break;
      case "}":
      case "]":
        open.pop();
        isKey = false;
        end = i + 1;
        if (open.length === 0) return text.slice(start, end);
        break;
      case ",":
        // Whatever was before it is complete now.
        end = i;
        isKey = open.at(-1) === "}";
        break;
      case ":":
        isKey = false;
        break;
      case '"':
        i = endOfString(text, i) ?? text.length;
        if (!isKey && i < text.length) end = i + 1;
    }
  }
  return text.slice(start, end) + open.reverse().join("");
}

/** Where the string that begins at `start` ends; null if it is not complete. */
function endOfString(text: string, start: number): number | null {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return null;
}

/** The value; or what is wrong with the text, one problem a line. */
export type ParsedOutput<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: string };

/**
 * The first value in `text` that is JSON and passes the schema. Where none does, the error tells of the
 * likeliest one. Never throws, also if the schema does.
 */
export async function parseOutput<T>(
  schema: StandardSchema<unknown, T>,
  text: string,
): Promise<ParsedOutput<T>> {
  let error: string | null = null;
  for (const candidate of extractJson(text)) {
    const checked = await validate(schema, candidate);
    if (checked.issues === undefined) return { value: checked.value, error: null };
    error ??= checked.issues.map(listIssue).join("\n");
  }
  return { value: null, error: error ?? "- There is no complete JSON in the answer" };
}

/** What the schema says of a value; a problem, if it throws. */
export async function validate<T>(
  schema: StandardSchema<unknown, T>,
  value: unknown,
): Promise<StandardResult<T>> {
  try {
    return await schema["~standard"].validate(value);
  } catch (error) {
    return { issues: [{ message: errorText(error) }] };
  }
}

/** `- path: message [code]`; only some libraries have codes. */
function listIssue({ path = [], message, ...rest }: StandardIssue & { code?: unknown }): string {
  const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
  const code = typeof rest.code === "string" ? ` [${rest.code}]` : "";
  return `- ${keys.join(".") || "(root)"}: ${message}${code}`;
}
