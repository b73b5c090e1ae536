/**
 * What one provider answered, as another one takes it. Reasoning and signatures mean nothing to others; the tools that a provider
 * executed are text to them, because they would take the calls for ours and miss the results.
 */

import type {
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
} from "@ai-sdk/provider";
import { clip } from "../../redaction/clip.ts";
import { type FileContent, labelOf, liftFiles } from "../state/files.ts";
import type { Message } from "../state/messages.ts";

type AnswerPart = Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number];
type CommonPart = LanguageModelV4TextPart | LanguageModelV4ToolCallPart;

/** Whether another provider gave this answer, with parts that only that one knows. */
export function isForeign({ metadata }: Message, provider: string | undefined): boolean {
  if (provider === undefined || metadata.parts === undefined) return false;
  const { provider: owner } = metadata;
  return owner === undefined
    ? isSignedByAnother(metadata.parts as readonly AnswerPart[], provider)
    : owner !== provider;
}

/** Whether another vendor signed an answer of which it was not noted who gave it: of an older thread, or handed in. */
function isSignedByAnother(parts: readonly AnswerPart[], provider: string): boolean {
  const vendors = namesOf(provider).filter((name) => VENDORS.has(name));
  const signers = parts.flatMap(({ providerOptions }) => Object.keys(providerOptions ?? {}))
    .filter((name) => VENDORS.has(name));
  return vendors.length > 0 && signers.length > 0 &&
    !signers.some((name) => vendors.includes(name));
}

/** Those whose clients sign with the name that they give themselves. Others, such as gateways, pass on what is not theirs. */
const VENDORS = new Set(["anthropic", "openai", "google", "bedrock", "mistral", "groq", "xai"]);

/** The parts of a foreign answer, as any provider takes them. */
export function toOwnParts(parts: readonly AnswerPart[]): CommonPart[] {
  return parts.flatMap((part): CommonPart[] => {
    switch (part.type) {
      case "text":
        return [text(part.text)];
      case "tool-call": {
        const { type, toolCallId, toolName, input } = part;
        return part.providerExecuted
          ? [text(`[called ${toolName} with ${JSON.stringify(input)}]`)]
          : [{ type, toolCallId, toolName, input }];
      }
      case "tool-result": {
        const { output } = part;
        const value = "value" in output ? liftFiles(output.value, []).json : output.reason ?? "";
        const said = typeof value === "string" ? value : JSON.stringify(value);
        return [text(`[${part.toolName} returned]\n${clip(said, MAX_RESULT_LENGTH)}`)];
      }
      case "file":
        return [text(labelOf(part as FileContent))];
      default:
        return [];
    }
  });
}

/** Whether another provider holds the file. */
export function isHeldElsewhere({ data }: FileContent, provider: string | undefined): boolean {
  return data.type === "reference" && provider !== undefined &&
    !namesOf(provider).some((name) => Object.hasOwn(data.reference, name));
}

function namesOf(provider: string): string[] {
  return provider.split(/[.-]/);
}

function text(text: string): CommonPart {
  return { type: "text", text };
}

const MAX_RESULT_LENGTH = 4000;
