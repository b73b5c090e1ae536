/**
 * What consumers have installed beside our package: one folder of packages for each set, shared by all
 * consumers that need no more.
 *
 * @module
 */
import { join } from "node:path";
import { runProcess } from "../../run/process.ts";
import { manifest } from "../manifests.ts";

const { dependencies: own = {}, devDependencies: dev = {} } = manifest("package.json");

/** The types of the runtimes; each consumer names those that it has. */
const types = {
  "@types/node": dev["@types/node"]!,
  "@types/bun": "1.4.5",
  "@cloudflare/workers-types": "5.20261117.1",
  // The declarations of `@ai-sdk/provider` want them and do not bring them.
  "@types/json-schema": "7.0.15",
};

/** Packages by name, with their exact versions. `sdk` is that of OpenTelemetry. */
export const dependencySets = {
  /** What this repository is tested with: the newest of each range. */
  newest: {
    ...types,
    ...own,
    sdk: `npm:@opentelemetry/sdk-trace@${dev["@opentelemetry/sdk-trace"]}`,
  },
  /** The oldest of each range in jsr.json, and the SDK that wants an API below 1.10. */
  oldest: {
    ...types,
    "@ai-sdk/provider": "4.0.0",
    "@opentelemetry/api": "1.9.0",
    "eventsource-parser": "4.1.0",
    hono: "4.0.0",
    "js-yaml": "5.5.0",
    zod: "4.2.0",
    sdk: "npm:@opentelemetry/sdk-trace-base@2.12.1",
  },
  next: {
    ...types,
    next: "16.4.6",
    react: "19.3.1",
    "react-dom": "19.3.1",
    "@types/react": "19.3.3",
  },
} as const satisfies Record<string, Record<string, string>>;

/** The name of a set. */
export type DependencySet = keyof typeof dependencySets;

/** The two compilers: the last that is written in JavaScript and known everywhere, and the newest. */
export const compilers = { "TypeScript 5.9": "5.9.3", "TypeScript 7": "7.0.2" } as const;

/** The name of a compiler. */
export type Compiler = keyof typeof compilers;

/** Installs our package with a set, as npm does it. */
export async function installSet(
  name: DependencySet,
  tarball: string,
  folder: string,
): Promise<void> {
  await install(folder, { "@locus/core": `file:${tarball}`, ...dependencySets[name] });
}

/** Installs the compilers; returns the path of each. */
export async function installCompilers(folder: string): Promise<Record<Compiler, string>> {
  const aliases = Object.entries(compilers).map(([name, version]) =>
    [aliasOf(name), `npm:typescript@${version}`] as const
  );
  // The newest is a binary for one platform: an optional dependency.
  await install(folder, Object.fromEntries(aliases), "--include=optional");
  return Object.fromEntries(
    Object.keys(compilers).map((name) => [
      name,
      join(folder, "node_modules", aliasOf(name), "bin/tsc"),
    ]),
  ) as Record<Compiler, string>;
}

function aliasOf(compiler: string): string {
  return compiler.toLowerCase().replace(/\W+/g, "-");
}

async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  optional = "--omit=optional",
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const project = { private: true, type: "module", dependencies };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(project, null, 2));
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const command = [npm, "install", "--loglevel=error", optional, ...flags];
  const { code, output } = await runProcess(command, 300_000, folder).catch((cause) => {
    throw new Error("publish:check installs with npm, which comes with Node", { cause });
  });
  if (code !== 0) throw new Error(`npm cannot install ${Object.keys(dependencies)}:\n${output}`);
}
