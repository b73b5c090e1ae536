import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkOut, CommitError, parentOf } from "../../../bench/compare/commits.ts";
import { OptionError, parseOptions } from "../../../bench/compare/options.ts";
import { ratiosOf, toLines } from "../../../bench/compare/ratios.ts";
import { effortOf, figuresOf } from "../../../bench/support/case.ts";

/** A repository whose commits each hold these files. */
function repositoryOf(...commits: Record<string, string>[]): string {
  const folder = mkdtempSync(join(tmpdir(), "locus-repository-"));
  git(folder, "init", "--quiet");
  for (const files of commits) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "a commit");
  }
  return folder;
}

function git(folder: string, ...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
  const { success, stdout, stderr } = new Deno.Command("git", {
    args: [...identity, ...args],
    cwd: folder,
  }).outputSync();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

const first = { "src/a.ts": "old", "bench/a.ts": "old bench" };
const second = { "src/a.ts": "new", "bench/a.ts": "new bench" };

test("checkOut() gives both sides their sources, and the benches of the later one", () => {
  const repository = repositoryOf(first, second);
  const { before, after, remove } = checkOut("HEAD~1", "HEAD", repository);
  const read = ({ folder }: { folder: string }, path: string) =>
    readFileSync(join(folder, path), "utf8");
  try {
    assertEquals([before, after].map((side) => read(side, "src/a.ts")), ["old", "new"]);
    assertEquals([before, after].map((side) => read(side, "bench/a.ts")), [
      "new bench",
      "new bench",
    ]);
    assert(existsSync(join(before.folder, "node_modules")), "the packages are there");
  } finally {
    remove();
    rmSync(repository, { recursive: true });
  }
});

test("checkOut() without a second commit takes the working tree", () => {
  const repository = repositoryOf(first);
  writeFileSync(join(repository, "src/a.ts"), "not committed");
  const { after, remove } = checkOut("HEAD", null, repository);
  remove();
  assertEquals(after.folder, repository);
  assert(existsSync(repository), "the working tree is not removed");
  rmSync(repository, { recursive: true });
});

test("What checkOut() made is gone after remove(), in git too", () => {
  const repository = repositoryOf(first, second);
  const { before, after, remove } = checkOut("HEAD~1", "HEAD", repository);
  remove();
  remove();
  assertEquals([before, after].map(({ folder }) => existsSync(dirname(folder))), [false, false]);
  assertEquals(git(repository, "worktree", "list").trim().split("\n").length, 1);
  rmSync(repository, { recursive: true });
});

test("checkOut() says which name is not a commit, and leaves nothing", () => {
  const repository = repositoryOf(first);
  assertThrows(
    () => checkOut("HEAD", "nonsense", repository),
    CommitError,
    '"nonsense" is not a commit of this repository; give a hash',
  );
  assertThrows(() => checkOut("--help", null, repository), CommitError, '"--help" is not a commit');
  assertEquals(git(repository, "worktree", "list").trim().split("\n").length, 1);
  rmSync(repository, { recursive: true });
});

test("parentOf() finds the parent, or says why there is none", () => {
  const repository = repositoryOf(first, second);
  const shallow = mkdtempSync(join(tmpdir(), "locus-shallow-"));
  const [only, none] = [repositoryOf(first), mkdtempSync(join(tmpdir(), "locus-none-"))];
  git(shallow, "clone", "--quiet", "--depth=1", `file://${repository}`, "clone");
  const missing = (folder: string) => {
    const found = parentOf(folder);
    return "missing" in found && found.missing;
  };
  assertEquals(parentOf(repository), { commit: git(repository, "rev-parse", "HEAD~1").trim() });
  assertEquals(missing(join(shallow, "clone")), "the clone is shallow");
  assertEquals(missing(only), "the first commit has no parent");
  assertEquals(missing(none), "this is not a git repository");
  for (const folder of [repository, shallow, only, none]) rmSync(folder, { recursive: true });
});

test("parseOptions() of bench:compare takes one or two commits, or the parent", () => {
  const { before, after, runtimes, rounds } = parseOptions(["main", "--rounds=2"]);
  assertEquals({ before, after, rounds }, { before: "main", after: null, rounds: 2 });
  assertEquals(runtimes, ["node", "deno", "bun"]);
  assertEquals(parseOptions(["--parent"]).runtimes, ["deno"]);
  const bad = [[], ["a", "b", "c"], ["--parent", "a"], ["a", "--rounds=0"], ["a", "--fast"]];
  for (const args of bad) assertThrows(() => parseOptions(args), OptionError);
});

const compared = {
  name: "handlers",
  label: "x",
  ours: ["us"],
  control: "peer",
  settings: [],
} as const;
const result = (us: number, peer: number) => ({
  title: "",
  rows: [
    { subject: "us", setting: "S", figures: { ns: us } },
    { subject: "peer", setting: "S", figures: { ns: peer } },
  ],
});

test("ratiosOf() compares within a round, and shows the spread and what the peer did", () => {
  const pairs = [
    { before: result(100, 10), after: result(50, 10) },
    // The whole machine was slower, on both sides.
    { before: result(300, 30), after: result(180, 33) },
    { before: result(100, 10), after: result(40, 9) },
  ];
  const ratios = ratiosOf(compared, pairs);
  assertEquals(ratios, [{ what: "x, S", ratio: 0.5, least: 0.4, most: 0.6, control: 1 }]);
  assertMatch(toLines(ratios)[1]!, /x, S +0\.50 +0\.40 – 0\.60 +1\.00/);
  assertEquals(ratiosOf(compared, []), []);
});

test("A bench measures what its arguments name, and gives figures by name", () => {
  const { rounds, roundMs, takesSubject, takesSetting } = effortOf([
    "--rounds=3",
    "--round-ms=40",
    "--subjects=Locus, publish|mitt",
    "--settings=",
  ]);
  assertEquals([rounds, roundMs], [3, 40]);
  assertEquals(["Locus, publish", "mitt", "mit"].map(takesSubject), [true, true, false]);
  assertEquals(takesSetting("S=1 B=1"), true);
  assertEquals(figuresOf(result(1, 2)), { "S, us: ns": 1, "S, peer: ns": 2 });
});
