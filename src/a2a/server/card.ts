import type { Context } from "hono";
import { matchesEtag } from "../../adapters/http/etag.ts";
import { checkRecord, checkText } from "../../core/checks.ts";
import { hash } from "../../core/hash.ts";
import { checkOptions, describe } from "../../core/options.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type { AgentCard, AgentSkill } from "../protocol/types.ts";

/** What an agent says of itself. */
export interface A2ACardOptions extends
  Pick<
    AgentCard,
    "name" | "description" | "provider" | "documentationUrl" | "iconUrl"
  > {
  /** Where the server is reached from outside: absolute. It is never taken from a request, which could lie. */
  url: string;
  /** The version of the agent. @default {"0.1.0"} */
  version?: string;
  /** What it can do; a text stands for a skill of that name. */
  skills: readonly (string | AgentSkill)[];
  /** The media types that it takes. @default {["text/plain", "application/json"]} */
  inputModes?: readonly string[];
  /** The media types that it answers with. @default {["text/plain", "application/json"]} */
  outputModes?: readonly string[];
}

const MODES: readonly string[] = ["text/plain", "application/json"];

/** @throws {TypeError} If something of the card is missing, unknown or of the wrong type. */
export function readCard(
  owner: string,
  options: A2ACardOptions,
  isClosed: boolean,
): AgentCard {
  checkRecord(owner, "card", options ?? null);
  checkOptions(`${owner}: card`, options, [
    "name",
    "description",
    "url",
    "version",
    "skills",
    "inputModes",
    "outputModes",
    "provider",
    "documentationUrl",
    "iconUrl",
  ]);
  const {
    name,
    description,
    version = "0.1.0",
    provider,
    documentationUrl,
    iconUrl,
  } = options;
  for (const [key, value] of Object.entries({ name, description, version })) {
    checkText(owner, `card.${key}`, value);
  }
  const url = readUrl(owner, options.url);
  const { inputModes = MODES, outputModes = MODES } = options;
  return {
    name,
    description,
    version,
    supportedInterfaces: ["JSONRPC", "HTTP+JSON"].map((protocolBinding) => ({
      url,
      protocolBinding,
      protocolVersion: "1.0",
    })),
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extensions: [{
        uri: RESUME_EXTENSION,
        description: "SubscribeToTask goes on after the frame that Last-Event-ID names",
        required: false,
      }],
    },
    defaultInputModes: readList(owner, "card.inputModes", inputModes),
    defaultOutputModes: readList(owner, "card.outputModes", outputModes),
    skills: readList(owner, "card.skills", options.skills).map((skill) => readSkill(owner, skill)),
    ...(provider && { provider }),
    ...(documentationUrl && { documentationUrl }),
    ...(iconUrl && { iconUrl }),
    ...(isClosed && {
      securitySchemes: {
        bearer: { httpAuthSecurityScheme: { scheme: "Bearer" } },
      },
      securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    }),
  };
}

function readUrl(owner: string, url: unknown): string {
  if (
    typeof url === "string" && URL.canParse(url) &&
    /^https?:$/.test(new URL(url).protocol)
  ) {
    return url.replace(/\/+$/, "");
  }
  throw new TypeError(
    `${owner}: "card.url" must be an absolute URL of http or https, got ${describe(url)}`,
  );
}

function readList<T>(
  owner: string,
  name: string,
  list: readonly T[],
): readonly T[] {
  if (Array.isArray(list) && list.length > 0) return list;
  throw new TypeError(
    `${owner}: "${name}" must be an array that is not empty, got ${describe(list)}`,
  );
}

function readSkill(owner: string, skill: string | AgentSkill): AgentSkill {
  if (typeof skill === "string") {
    return { id: skill, name: skill, description: skill, tags: [skill] };
  }
  const { id, name, description, tags } = skill ?? {};
  const isWhole = [id, name, description].every((text) => typeof text === "string" && text !== "");
  if (isWhole && Array.isArray(tags)) return skill;
  throw new TypeError(
    `${owner}: "card.skills" must hold texts, or objects with "id", "name", "description" and "tags", got ` +
      describe(skill),
  );
}

/** The answers to requests for the card. */
export function cardRoute(card: AgentCard): (c: Context) => Response {
  const text = JSON.stringify(card);
  const headers = {
    "Content-Type": "application/json",
    "Cache-Control": "public, max-age=300",
    "Last-Modified": new Date().toUTCString(),
    "X-Content-Type-Options": "nosniff",
    ETag: `"${hash(text)}"`,
  };
  return (c) =>
    matchesEtag(c.req.header("If-None-Match"), headers.ETag)
      ? c.body(null, 304, headers)
      : c.body(text, 200, headers);
}
