/**
 * What went in or came out, as text.
 *
 * @module
 */
import type { ContentItem } from "../../src/view/conversation.ts";
import { counted } from "../format.ts";

/** That only the beginning of a content is here, and how long it was; "" if it is whole. */
export function cutWords({ truncated, bytes }: ContentItem): string {
  return truncated ? ` (cut; ${counted(bytes, "byte")} in all)` : "";
}

/** A content as a person reads it. */
export function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content, null, 2) ?? "";
}
