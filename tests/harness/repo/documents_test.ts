import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { exists, filesUnder, root, rootUrl } from "../run/paths.ts";
import { compilers } from "./publish/dependency_sets.ts";
import { type RuntimeName, runtimeNames } from "../run/runtimes.ts";
import { manifest } from "./manifests.ts";

test("every `deno task` that a document names is a task", () => {
  const files = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...filesUnder("docs", ".md")];
  const { tasks = {} } = manifest("deno.json");
  const named = files.filter(exists).flatMap((file) =>
    [...Deno.readTextFileSync(root + file).matchAll(/\bdeno task ([a-z][a-z:_-]*)/g)]
      .map(([, task = ""]) => ({ file, task }))
  );
  assert(named.length > 0, "README.md names the commands");
  assertEquals(named.filter(({ task }) => !(task in tasks)), []);
});

test("README.md shows the demo and the test command", () => {
  const readme = Deno.readTextFileSync(`${root}README.md`);
  for (const command of ["npx -y deno task demo", "npx -y deno task test"]) {
    assert(readme.includes(command), command);
  }
});

test("A6: README.md lists every runtime that is tested, and no other", () => {
  const rows: Record<RuntimeName | "node20", string> = {
    deno: "Deno 2.9",
    bun: "Bun 1.4",
    node: "Node 24, 22",
    node22: "Node 24, 22",
    // By the consumers of publish:check.
    node20: "Node 20",
    workerd: "Cloudflare Workers",
    edge: "Edge runtimes (Next, Vercel)",
    chromium: "Browsers",
  };
  const [, table = ""] = Deno.readTextFileSync(`${root}README.md`).split("## Where it runs");
  const listed = [...table.split("\n## ")[0]!.matchAll(/^\| ([^|]+?) \|/gm)].map(([, name]) =>
    name
  );
  assertEquals(listed, ["runtime", ...new Set(Object.values(rows))]);
  assertEquals(Object.keys(rows).filter((name) => name !== "node20"), runtimeNames);
});

test("README.md names the oldest compiler that the planted mistakes are tried with", () => {
  const [oldest = ""] = Object.values(compilers);
  const claim = `TypeScript ${oldest.replace(/\.\d+$/, "")} or later`;
  assert(Deno.readTextFileSync(`${root}README.md`).includes(claim), claim);
});

test("every relative link of a document leads to a file", () => {
  const documents = Deno.readDirSync(root).filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => name).toArray();
  const links = [...documents, ...filesUnder("docs", ".md")].flatMap((file) =>
    [...Deno.readTextFileSync(root + file).matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)]
      .map(([, to = ""]) => new URL(to, new URL(file, rootUrl)).href.slice(rootUrl.href.length))
  );
  assertEquals(links.filter((path) => !exists(path)), []);
});

test("other-frameworks.md: each name of ours is in the module that it names", () => {
  const exported = manifest("package.json").exports as Record<string, string>;
  const rows = Deno.readTextFileSync(`${root}docs/other-frameworks.md`).split("\n")
    .map((line) => line.split(" | "))
    .filter(([, , from]) => from?.startsWith("`@locus/core"));
  assert(rows.length > 40, `${rows.length} rows`);
  const missing = rows.flatMap(([, ours = "", from = ""]) => {
    const entry = exported[from.replace(/`/g, "").replace("@locus/core", ".")]!;
    const folder = entry === "./mod.ts" ? "src/core" : entry.slice(2).replace("/mod.ts", "");
    const code = filesUnder(folder, ".ts").map((file) => Deno.readTextFileSync(root + file)).join();
    const names = [...ours.matchAll(/`(?:\w+\.)?(\w+)[^`]*`/g)].map(([, name]) => name!);
    return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))
      .map((name) => `${name} in ${from}`);
  });
  assertEquals(missing, []);
});
