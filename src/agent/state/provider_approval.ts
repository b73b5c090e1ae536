/**
 * Approvals that a provider asks for before it executes a tool. An agent makes a call of a tool of its own of each, so a person
 * is asked, and the answer kept, as for any other tool; the provider gets the answer in its own form.
 */

import type { Message, ToolCall } from "./messages.ts";

/** The name of the tool that asks. The model never sees it. */
export const APPROVAL_TOOL = "approve_provider_tool";

/** What the tool returns if a person agrees. */
export const APPROVED = "approve";

/** Whether a call, or its result, is about an approval. */
export function isApproval({ name }: Pick<ToolCall | Message, "name">): boolean {
  return name === APPROVAL_TOOL;
}
