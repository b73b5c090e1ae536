/** From an answer's text to the value that it was asked for. */

import type {
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "../../events/standard_schema.ts";
import { errorText } from "../state/texts.ts";
import { extractJson } from "./extract_json.ts";

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
