import type { Context } from "hono";
import { matchesEtag } from "../../adapters/http/etag.ts";
import { checkRecord } from "../../core/checks.ts";
import { hash } from "../../core/hash.ts";
import { checkOptions } from "../../core/options.ts";
import { fieldsOf, readShape } from "../protocol/shapes.ts";
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
  checkOptions(`${owner}: card`, options, [...fieldsOf("CardOptions").keys()]);
  const { version = "0.1.0", inputModes = MODES, outputModes = MODES, skills } = options;
  const known = readOptions(owner, {
    ...{ ...options, version, inputModes, outputModes },
    skills: Array.isArray(skills) ? skills.map(toSkill) : skills,
  });
  const { extensions = [], ...rest } = known;
  const url = known.url.replace(/\/+$/, "");
  const at = (protocolBinding: string, protocolVersion: Version) =>
    versions.includes(protocolVersion) ? [{ url, protocolBinding, protocolVersion }] : [];
  const resume = {
    uri: RESUME_EXTENSION,
    description: "SubscribeToTask goes on after the frame that Last-Event-ID names",
    required: false,
  };
  const { url: _url, inputModes: defaultInputModes, outputModes: defaultOutputModes, ...said } =
    rest;
  return {
    ...said,
    ...{ defaultInputModes, defaultOutputModes },
    supportedInterfaces: (["1.0", "0.3"] as const)
      .flatMap((version) => [...at("JSONRPC", version), ...at("HTTP+JSON", version)]),
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extensions: [resume, ...extensions],
    },
    ...(isClosed && {
      securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: "Bearer" } } },
      securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    }),
  };
}

/** The options of a card, complete. */
type Complete = Required<Omit<A2ACardOptions, "skills" | "extensions">> & {
  readonly skills: readonly AgentSkill[];
  readonly extensions?: readonly AgentExtension[];
};

function readOptions(owner: string, options: object): Complete {
  try {
    return readShape("CardOptions", options, "card");
  } catch (error) {
    throw new TypeError(`${owner}: ${(error as Error).message}`);
  }
}

function toSkill(skill: unknown): unknown {
  if (typeof skill !== "string") return skill;
  return { id: skill, name: skill, description: skill, tags: [skill] };
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
  const { url } = supportedInterfaces[0]!;
  return {
    protocolVersion: "0.3.0",
    url,
    preferredTransport: "JSONRPC",
    additionalInterfaces: ["JSONRPC", "HTTP+JSON"].map((transport) => ({ url, transport })),
    ...(securitySchemes && {
      securitySchemes: {
        bearer: { ...securitySchemes.bearer as object, type: "http", scheme: "bearer" },
      },
      security: [{ bearer: [] }],
    }),
  };
}
