import { isRecord } from "../../core/options.ts";
import { isShape } from "../protocol/shapes.ts";
import type { AgentCard } from "../protocol/types.ts";

/** A card of either version, as one of 1.0; null if it is none. What is in it that makes no sense is left out. */
export function readCard(value: unknown): AgentCard | null {
  if (!isCard(value)) return null;
  const { supportedInterfaces } = value;
  const listed: unknown = Array.isArray(supportedInterfaces)
    ? supportedInterfaces
    : oldInterfaces({ ...value });
  if (!Array.isArray(listed)) return null;
  const capabilities: AgentCard["capabilities"] = isRecord(value.capabilities)
    ? value.capabilities
    : {};
  const { extensions } = capabilities;
  return {
    ...value,
    supportedInterfaces: listed.filter((one) => isShape("Interface", one)),
    capabilities: {
      ...capabilities,
      ...(Array.isArray(extensions) &&
        { extensions: extensions.filter((one) => isShape("Extension", one)) }),
    },
  };
}

/** Where an agent of 0.3 is; null if it does not say so. */
function oldInterfaces(card: Readonly<Record<string, unknown>>): unknown[] | null {
  const { url, preferredTransport = "JSONRPC", protocolVersion = "0.3", ...rest } = card;
  if (typeof url !== "string") return null;
  const more = Array.isArray(rest.additionalInterfaces) ? rest.additionalInterfaces : [];
  return [{ url, transport: preferredTransport }, ...more].map((one) => ({
    url: one?.url,
    protocolBinding: one?.transport,
    protocolVersion,
  }));
}

/** Whether it may be a card: what is read of it is checked, and nothing else. */
function isCard(value: unknown): value is AgentCard {
  return isRecord(value);
}
