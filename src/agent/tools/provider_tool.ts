/** Tools that a provider executes, such as its web search, and the approvals that it asks for. */

import { APPROVAL_TOOL, APPROVED } from "../state/provider_approval.ts";
import { type Tool, tool } from "./tool.ts";

/** A tool that the provider executes: nobody calls it here. */
export function providerTool(name: string, provider: NonNullable<Tool["provider"]>): Tool {
  const made = tool({
    name,
    description: `A tool of the provider: ${provider.id}`,
    execute: () => {
      throw new TypeError(`${name} is executed by its provider`);
    },
  }) as Tool;
  return Object.freeze({ ...made, provider });
}

/** Asks a person whether a provider may execute a tool. */
export function approvalTool(): Tool {
  return tool<{ tool: string; input: unknown }>({
    name: APPROVAL_TOOL,
    description: "Asks a person whether the provider may execute a tool.",
    parameters: { type: "object", properties: { tool: { type: "string" }, input: {} } },
    execute: ({ tool, input }, { interrupt }) => {
      const question = `May the provider call "${tool}"?`;
      const answer: unknown = interrupt({ question, options: [APPROVED, "reject"] }, {
        tool,
        input,
      });
      if (answer === APPROVED || answer === true) return APPROVED;
      return typeof answer === "string" && answer !== "reject" ? answer : "reject";
    },
  }) as Tool;
}
