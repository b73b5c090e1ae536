import { clip } from "./copy_payload.ts";
import { summary } from "./describe.ts";
import { textRedactor } from "./text_redactor.ts";

/** The start of a text as events show it, without the secrets in it if `@locus/core/redaction` is loaded. */
export function preview(text: string, maxLength?: number): string {
  // A secret may end beyond what is shown, but not that far.
  const start = text.slice(0, MAX_SEARCHED);
  return clip(textRedactor.redact?.(start) ?? start, maxLength);
}

/** What an event says about an error: its name and the first line of its message. Never throws. */
export function summarize(error: unknown): string {
  let text = typeof error === "string" ? error : summary(error);
  try {
    const { name = "Error", message } = error as Partial<Error>;
    if (typeof message === "string") text = `${name}: ${message}`;
  } catch {
    // A value without properties, or a getter that throws.
  }
  return preview(text.split("\n", 1)[0]!);
}

const MAX_SEARCHED = 4096;
