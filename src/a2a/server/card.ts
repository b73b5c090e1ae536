import type { Context } from "hono";
import { matchesEtag } from "../../adapters/http/etag.ts";
import { checkRecord, checkText } from "../../core/checks.ts";
import { hash } from "../../core/hash.ts";
import { checkOptions, describe } from "../../core/options.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type { Version } from "../protocol/v03.ts";
import type { AgentCard, AgentExtension, AgentSkill } from "../protocol/types.ts";

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
  /** Further extensions that the agent knows; who sends a message must name those that are `required`. @default {none} */
  extensions?: readonly AgentExtension[];
}

const MODES: readonly string[] = ["text/plain", "application/json"];

/** @throws {TypeError} If something of the card is missing, unknown or of the wrong type. */
export function readCard(
  owner: string,
  options: A2ACardOptions,
  isClosed: boolean,
  versions: readonly Version[],
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
    "extensions",
  ]);
  const { name, description, version = "0.1.0", provider, documentationUrl, iconUrl } = options;
  for (const [key, value] of Object.entries({ name, description, version })) {
    checkText(owner, `card.${key}`, value);
  }
  const url = readUrl(owner, options.url);
  const { inputModes = MODES, outputModes = MODES, extensions = [] } = options;
  if (!Array.isArray(extensions) || !extensions.every((one) => typeof one?.uri === "string")) {
    const given = describe(extensions);
    throw new TypeError(`${owner}: "card.extensions" must be an array of { uri }, got ${given}`);
  }
  const bindings = versions.flatMap((protocolVersion) =>
    protocolVersion === "1.0"
      ? ["JSONRPC", "HTTP+JSON"].map((binding) => [binding, protocolVersion])
      : [["JSONRPC", protocolVersion]]
  ) as [string, string][];
  return {
    name,
    description,
    version,
    supportedInterfaces: bindings.map(([protocolBinding, protocolVersion]) => ({
      url,
      protocolBinding,
      protocolVersion,
    })),
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extensions: [{
        uri: RESUME_EXTENSION,
        description: "SubscribeToTask goes on after the frame that Last-Event-ID names",
        required: false,
      }, ...extensions],
    },
    defaultInputModes: readList(owner, "card.inputModes", inputModes),
    defaultOutputModes: readList(owner, "card.outputModes", outputModes),
    skills: readList(owner, "card.skills", options.skills).map((skill) => readSkill(owner, skill)),
    ...(provider && { provider }),
    ...(documentationUrl && { documentationUrl }),
    ...(iconUrl && { iconUrl }),
    ...(isClosed && {
      securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: "Bearer" } } },
      securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    }),
  };
}

function readUrl(owner: string, url: unknown): string {
  if (typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    return url.replace(/\/+$/, "");
  }
  throw new TypeError(
    `${owner}: "card.url" must be an absolute URL of http or https, got ${describe(url)}`,
  );
}

function readList<T>(owner: string, name: string, list: readonly T[]): readonly T[] {
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

/** The answers to requests for the card: who does not say that it speaks 1.0 gets what clients of 0.3 look for, too. */
export function cardRoute(card: AgentCard, versions: readonly Version[]): (c: Context) => Response {
  const old = versions.includes("0.3") ? oldKeys(card) : {};
  const modified = new Date().toUTCString();
  const [pure, hybrid] = [card, { ...card, ...old }].map((card) => {
    const text = JSON.stringify(card);
    const headers = {
      "Content-Type": "application/json",
      "Cache-Control": "public, max-age=300",
      "Last-Modified": modified,
      "X-Content-Type-Options": "nosniff",
      Vary: "A2A-Version",
      ETag: `"${hash(text)}"`,
    };
    return { text, headers };
  });
  return (c) => {
    const { text, headers } = c.req.header("A2A-Version")?.startsWith("1.") ? pure! : hybrid!;
    return matchesEtag(c.req.header("If-None-Match"), headers.ETag)
      ? c.body(null, 304, headers)
      : c.body(text, 200, headers);
  };
}

function oldKeys({ supportedInterfaces, securitySchemes }: AgentCard): object {
  return {
    protocolVersion: "0.3.0",
    url: supportedInterfaces[0]!.url,
    preferredTransport: "JSONRPC",
    ...(securitySchemes && {
      securitySchemes: {
        bearer: { ...securitySchemes.bearer as object, type: "http", scheme: "bearer" },
      },
      security: [{ bearer: [] }],
    }),
  };
}
