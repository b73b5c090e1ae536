import { summarize } from "../core/error_text.ts";

/** What an error says, for a list of what is wrong. */
export function messageOf(error: unknown): string {
  return summarize(error).replace(/^(?:Error|YAMLException): /, "");
}
