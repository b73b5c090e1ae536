/** The files that tools return, as a provider takes them. */

import type { LanguageModelV4FilePart, LanguageModelV4ToolResultOutput } from "@ai-sdk/provider";
import { type FileContent, labelOf } from "../state/files.ts";
import type { PromptMessage, UserPart } from "./request.ts";

type ContentOutput = Extract<LanguageModelV4ToolResultOutput, { type: "content" }>;

/** Whether a tool of the conversation returned a file. */
export function hasToolFiles(prompt: readonly PromptMessage[]): boolean {
  return prompt.some(({ role, content }) =>
    role === "tool" &&
    content.some((part) => part.type === "tool-result" && part.output.type === "content")
  );
}

/**
 * The prompt with the files of tools where the provider takes them: in the result, or behind the results in a message of
 * the user, because many clients would write base64 into the text of a result.
 *
 * @param isSent Whether the model takes such files at all; else the result says what they were.
 */
export function placeToolFiles(
  prompt: readonly PromptMessage[],
  provider: string,
  isSent: boolean,
): PromptMessage[] {
  if (!hasToolFiles(prompt)) return [...prompt];
  const placed: PromptMessage[] = [];
  let moved: UserPart[] = [];
  const giveBack = () => {
    if (moved.length > 0) placed.push({ role: "user", content: moved });
    moved = [];
  };
  for (const message of prompt) {
    if (message.role === "user" && moved.length > 0) {
      placed.push({ ...message, content: [...moved, ...message.content] });
      moved = [];
      continue;
    }
    giveBack();
    if (message.role !== "tool") {
      placed.push(message);
      continue;
    }
    const content = message.content.map((part): typeof part => {
      if (part.type !== "tool-result") return part;
      const { output, toolName } = part;
      if (output.type !== "content" || (isSent && takesInResult(provider, output))) return part;
      const files = output.value.filter((piece) => piece.type === "file");
      if (isSent) {
        const text = `The ${files.length === 1 ? "file" : "files"} that ${toolName} returned:`;
        moved.push({ type: "text", text }, ...files as LanguageModelV4FilePart[]);
      }
      return { ...part, output: { type: "text", value: toText(output) } };
    });
    placed.push({ role: "tool", content });
  }
  giveBack();
  return placed;
}

/** By the names that the packages of the AI SDK give themselves, and what their clients do. */
function takesInResult(provider: string, { value }: ContentOutput): boolean {
  return /^(?:anthropic|openai\.responses|azure.*\.responses|amazon-bedrock|google)/.test(
    provider,
  ) &&
    value.every((part) =>
      part.type === "text" ||
      part.type === "file" && part.data.type === "data" && part.mediaType.startsWith("image")
    );
}

function toText({ value }: ContentOutput): string {
  return value.map((part) =>
    part.type === "text" ? part.text : part.type === "file" ? labelOf(part as FileContent) : ""
  ).join("\n");
}
