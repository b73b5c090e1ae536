/**
 * The arrows of the design: which folder of `src` may import which, and which packages.
 *
 * @module
 */
import type { Import } from "./imports.ts";

/** A folder's place; each place may import from its own folder and from the places named. */
const layers = {
  foundation: [],
  core: ["foundation"],
  // What both sides need: speakers before they say something, listeners before they write it down.
  common: ["foundation", "core", "common"],
  speaker: ["foundation", "core", "common", "speaker"],
  listener: ["foundation", "core", "common", "listener"],
  // Ends are imported by nobody, not even by each other.
  end: ["foundation", "core", "common", "speaker", "listener"],
  // Speaks as a server, too, with what the adapters have for all servers; nobody imports it.
  peer: ["foundation", "core", "common", "speaker", "listener", "end"],
  // The command line puts the ends together, and nobody imports it.
  program: ["foundation", "core", "common", "speaker", "listener", "end"],
  root: ["foundation", "core"],
} as const satisfies Record<string, readonly string[]>;

type Layer = keyof typeof layers;

const places: Record<string, Layer> = {
  "mod.ts": "root",
  events: "foundation",
  runtime: "foundation",
  core: "core",
  propagation: "common",
  redaction: "common",
  content: "common",
  agent: "speaker",
  team: "speaker",
  router: "speaker",
  rag: "speaker",
  memory: "speaker",
  graph: "speaker",
  pipeline: "speaker",
  a2a: "peer",
  skills: "speaker",
  deepagent: "speaker",
  research: "speaker",
  coordination: "speaker",
  sse: "listener",
  view: "listener",
  screens: "listener",
  client: "listener",
  consumers: "listener",
  // The files of the page, which adapters hand out; its sources are not in `src`.
  workbench: "listener",
  adapters: "end",
  bridges: "end",
  transports: "end",
  // Programs' tests import it, and nothing here.
  testing: "end",
  cli: "program",
};

/**
 * Which folder of `src/agent` may import which. The files beside them put everything together, and no folder imports
 * those.
 */
const agent: Record<string, readonly string[]> = {
  json_schema: [],
  state: ["json_schema/shapes.ts"],
  tools: ["json_schema", "state"],
  // Only types of each other: a model's answer says in which channel its parts go out.
  model: ["json_schema", "state", "tools", "spans"],
  spans: ["state", "tools", "model"],
  loop: ["state", "tools", "model", "spans"],
  // Features: of the loop they know what they plug into.
  hooks: [
    "state",
    "tools",
    "model",
    "spans/bus_bridge.ts",
    ...pluggedInto("loop/tool_calls/tool_plan.ts"),
  ],
  conversation: ["state", "tools", "model", ...pluggedInto()],
  completion: ["json_schema", "state", "tools", "model", ...pluggedInto()],
  tool_results: ["state", "tools", ...pluggedInto()],
  termination: ["state", ...pluggedInto()],
  output: ["json_schema", "state", "tools", "model", ...pluggedInto()],
  reasoning: ["json_schema", "state", "model", "output", ...pluggedInto()],
  threads: [
    "json_schema",
    "state",
    "tools",
    "model",
    "spans",
    "loop/tool_calls",
    "loop/run_persistence.ts",
    ...pluggedInto(),
  ],
};

function pluggedInto(...further: string[]): string[] {
  return ["loop/feature.ts", "loop/stop_checks.ts", ...further];
}

/** What is wrong with an import within `src/agent`, or null. */
function agentViolation(from: string, to: string): string | null {
  const [own, target] = [from, to].map((path) => path.replace("src/agent/", ""));
  const folder = own!.split("/")[0]!;
  // A file of the public face.
  if (folder === own) return null;
  const allowed = agent[folder];
  if (!allowed) {
    return `${from}: the folder ${folder} has no place in tests/harness/repo/boundaries.ts`;
  }
  const isAllowed = [folder, ...allowed].some((path) =>
    target === path || target!.startsWith(`${path}/`)
  );
  return isAllowed ? null : `${from} imports ${to}: ${folder} may not import it`;
}

/** The packages a path may import; the longest path that matches decides. */
const packages: Record<string, readonly string[]> = {
  "src/events/schemas": ["zod"],
  "src/runtime": ["node:*"],
  "src/agent": ["type @ai-sdk/provider"],
  "src/testing": ["type @ai-sdk/provider"],
  // Decoding has one home; `client` follows runs through it.
  "src/sse": ["eventsource-parser"],
  // A reader of YAML of our own would be one more that reads it in a way of its own.
  "src/skills": ["js-yaml"],
  "src/adapters": ["hono"],
  "src/a2a": ["hono"],
  "src/bridges": ["@opentelemetry/api", "type @ai-sdk/provider"],
  // Arguments, streams and signals: these modules are there on all three runtimes that have processes.
  "src/cli": ["node:*"],
};

/** What is wrong with an import, or null. */
export function violation({ from, to, typeOnly }: Import): string | null {
  const [own, other] = [folderOf(from), folderOf(to)];
  if (own === null) return null;
  const layer = places[own];
  if (!layer) return `${from}: the folder ${own} has no place in tests/harness/repo/boundaries.ts`;
  if (other === null) return packageViolation(from, to, typeOnly);
  if (own === other) return own === "agent" ? agentViolation(from, to) : null;
  if (to.split("/").at(-1)?.startsWith("_")) return `${from} imports ${to}, private to its folder`;
  const allowed: readonly string[] = layers[layer];
  const target = places[other];
  if (target && allowed.includes(target)) return null;
  return `${from} imports ${to}: ${layer} may not import ${target ?? other}`;
}

function packageViolation(from: string, name: string, typeOnly: boolean): string | null {
  const path = Object.keys(packages).sort((a, b) => b.length - a.length)
    .find((path) => from.startsWith(`${path}/`) || from === `${path}.ts`);
  const allowed = path ? packages[path] ?? [] : [];
  const wanted = name.startsWith("node:") ? "node:*" : name;
  if (allowed.includes(wanted) || (typeOnly && allowed.includes(`type ${wanted}`))) return null;
  return `${from} imports ${typeOnly ? "the types of " : ""}${name}, which it may not`;
}

/** The folder of `src` that a path is in, `mod.ts` for the root door, null for everything else. */
function folderOf(path: string): string | null {
  if (path === "mod.ts") return path;
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}
