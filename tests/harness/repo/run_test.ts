import { relative } from "node:path";
import { test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { runAgain, UNSTEADY_AT_MOST } from "../run/again.ts";
import { NoBinaryError } from "../run/binaries.ts";
import { OptionError, parseOptions } from "../run/options.ts";
import { namesOfFailures, skips } from "../run/outcome.ts";
import { root } from "../run/paths.ts";
import { explainSkips, parseJunit } from "../run/report.ts";
import { runProcess } from "../run/process.ts";
import { type FileResult, runFile } from "../run/run_file.ts";
import { prepare, type RuntimeName, runtimeNames, takes } from "../run/runtimes.ts";
import { requires } from "../support/requires.ts";
import { until } from "../support/until.ts";

const head = `import { test } from "node:test";
import { requires, skipWhen } from "${root}tests/harness/support/requires.ts";\n`;

const mixed = `${head}
test("passes & <is> \\"quoted\\"", await requires(), () => {});
test("fails", () => {
  throw new Error("the reason it failed");
});
test("skipped", skipWhen(true, "the reason to skip"), () => {});
test(
  "skipped too",
  skipWhen(true, "another reason"),
  () => {},
);
`;

for (const runtime of ["deno", "bun", "node"] as const) {
  test(`runFile() counts what ${runtime} reports, with the reasons of skips`, async () => {
    const { cases, problem, output } = await runSource(runtime, mixed);
    assertEquals(cases.map(({ name, status, detail }) => ({ name, status, detail })), [
      { name: 'passes & <is> "quoted"', status: "passed", detail: "" },
      { name: "fails", status: "failed", detail: "" },
      { name: "skipped", status: "skipped", detail: "the reason to skip" },
      { name: "skipped too", status: "skipped", detail: "another reason" },
    ]);
    assertEquals(problem, null);
    assertMatch(output, /the reason it failed/);
  });

  test(`runFile() kills a test that hangs on ${runtime}`, async () => {
    const hanging = `${head}test("hangs", () => new Promise(() => setInterval(() => {}, 1000)));`;
    const { problem } = await runSource(runtime, hanging, 1_500);
    assertMatch(problem ?? "none", /killed: no test ended within 1.5 s/);
  });

  test(`runFile() fails a file without tests on ${runtime}`, async () => {
    const { problem } = await runSource(runtime, "export {};");
    assertMatch(problem ?? "none", /registered no test/);
  });

  test(`runFile() fails a file that does not load on ${runtime}`, async () => {
    const { cases, problem } = await runSource(runtime, `${head}import "./does_not_exist.ts";`);
    assertEquals(cases.filter(({ status }) => status === "passed"), []);
    assertMatch(problem ?? "none", /no test says why/);
  });
}

/** What only that runtime has. */
const marks = {
  workerd: 'navigator.userAgent === "Cloudflare-Workers"',
  edge: 'typeof EdgeRuntime === "string" && typeof process === "undefined"',
  chromium: 'navigator.userAgent.includes("Chrome")',
};

for (const name of ["workerd", "edge", "chromium"] as const) {
  const needed = await requires(...(name === "chromium" ? [name] : []));

  test(
    `${name} runs each test, and reports a failure and a skip as the others do`,
    needed,
    async () => {
      const source = `import { test } from "node:test";
      import { assert, assertEquals } from "${root}tests/harness/support/std/assert.js";
      import { requires, skipWhen } from "${root}tests/harness/support/requires.ts";
      test("passes", await requires(), () => assert(${marks[name]}));
      test("fails", () => assertEquals(1, 2));
      test("skipped", skipWhen(true, "the reason"), () => {});
      test("strays", () => void Promise.reject(new Error("nobody handles this")));`;
      const { cases, problem } = await runSource(name, source);
      const statuses = cases.map(({ status }) => status);
      assertEquals(statuses, ["passed", "failed", "skipped", "failed"]);
      assertMatch(cases[1]?.detail ?? "", /Values are not equal/);
      assertEquals(cases[2]?.detail, "the reason");
      assertMatch(cases[3]?.detail ?? "", /^Uncaught: Error: nobody handles this/);
      assertEquals(problem, null);
    },
  );

  test(`${name} fails a file that does not load`, needed, async () => {
    const source = `import { test } from "node:test";
      test("passes", () => {});
      throw new Error("not to be loaded");`;
    const { cases, problem, output } = await runSource(name, source);
    assertEquals(cases, []);
    assertMatch(problem ?? "none", /no test says why/);
    assertMatch(output, /not to be loaded/);
  });
}

test("Chromium ends with a test that never does", await requires("chromium"), async () => {
  const source = `import { test } from "node:test";
    test("hangs", () => { console.log("hangs"); while (true); });`;
  const folder = await Deno.makeTempDir({ prefix: "chromium-" });
  const restore = setVariable("TMPDIR", folder);
  try {
    // Long enough for a browser to start on a busy machine.
    const { problem, output } = await runSource("chromium", source, 15_000);
    assertMatch(output, /hangs/);
    assertMatch(problem ?? "none", /killed: no test ended within 15 s/);
    // Its profile is in the folder, and in the arguments of all its processes.
    await until("Chromium is gone", async () => !(await processes()).includes(folder));
  } finally {
    restore();
    // Its last processes may still write there as they end.
    await until(
      "its folder is gone",
      () => Deno.remove(folder, { recursive: true }).then(() => true, () => false),
    );
  }
});

test("runProcess() gives a process its whole time as long as it writes, and ends one that writes for ever", async () => {
  const writing = (lines: number) => [
    Deno.execPath(),
    "eval",
    `let n = 0; setInterval(() => { console.log(++n); if (n === ${lines}) Deno.exit(0); }, 300);`,
  ];
  const limits = { totalMs: 20_000, silentMs: 3_000 };
  assertEquals((await runProcess(writing(12), limits)).killed, false);
  const endless = await runProcess(writing(Infinity), { totalMs: 1_500, silentMs: 1_000 });
  assertEquals(endless.killed, true);
});

test("prepare() says what to do where there is no browser", async () => {
  const restore = setVariable("CHROMIUM", "/nowhere/chromium");
  try {
    await assertRejects(
      () => prepare("chromium"),
      NoBinaryError,
      "there is no /nowhere/chromium; install",
    );
  } finally {
    restore();
  }
});

test("parseJunit() reads a failure that spans lines and an empty report", () => {
  const xml = `<testsuites><testcase name="a &amp;lt; b" line="7">
    <failure message="x">two
lines</failure></testcase><testcase name="b"/></testsuites>`;
  assertEquals(parseJunit(xml).map(({ name, status, line }) => ({ name, status, line })), [
    { name: "a < b", status: "failed", line: 7 },
    { name: "b", status: "passed", line: undefined },
  ]);
  assertEquals(parseJunit(""), []);
});

test("explainSkips() offers every reason when a file does not tell which", () => {
  const output = "skip /x/tests/harness/support/shared.ts:3: no Redis\nskip /x/y.ts:4: no NATS\n";
  const [explained] = explainSkips("tests/a_test.ts", [{ name: "a", status: "skipped" }], output);
  assertEquals(explained?.detail, "no Redis, or no NATS");
});

test("skips() names a test that is alone with its reason, and counts others", () => {
  const skipped = (name: string, detail: string) => ({ name, status: "skipped" as const, detail });
  const passed = { name: "d", status: "passed" as const };
  assertEquals(skips([skipped("a", "no x"), passed, skipped("b", "no y"), skipped("c", "no x")]), [
    "2 tests: no x",
    "b: no y",
  ]);
});

const result = (file: string, status: "passed" | "failed"): FileResult => ({
  file,
  cases: [{ name: "a", status }],
  problem: null,
  output: "",
  ms: 1,
});

test("runAgain() runs what failed once more, and takes what passed then", async () => {
  const first = [result("a", "failed"), result("b", "passed"), result("c", "failed")];
  const ran: string[] = [];
  const second = await runAgain(first, (file) => {
    ran.push(file);
    return Promise.resolve(result(file, file === "a" ? "passed" : "failed"));
  });
  assertEquals(ran, ["a", "c"]);
  assertEquals(second, [result("a", "passed"), first[1], first[2]]);
});

test("runAgain() believes many failures at once", async () => {
  const first = Array.from({ length: UNSTEADY_AT_MOST + 1 }, (_, i) => result(`${i}`, "failed"));
  assertEquals(await runAgain(first, () => Promise.reject(new Error("it ran again"))), first);
});

test("namesOfFailures() says which tests failed, and whether they passed afterwards", () => {
  const failed = { ...result("x_test.ts", "failed"), problem: "killed" };
  assertEquals(namesOfFailures("bun", failed, false), [
    "failed   bun  x_test.ts > a",
    "failed   bun  x_test.ts: killed",
  ]);
  assertEquals(namesOfFailures("bun", failed, true)[0], "unsteady bun  x_test.ts > a");
});

test("takes() keeps tests/harness/repo to Deno and gives all but Deno, Bun and Node 24 tests/runtime alone", () => {
  const takers = (file: string) => runtimeNames.filter((name) => takes(name, file));
  assertEquals(takers("tests/harness/repo/run_test.ts"), ["deno"]);
  assertEquals(takers("tests/core/bus_test.ts"), ["deno", "bun", "node"]);
  assertEquals(takers("tests/runtime/bus_test.ts"), runtimeNames);
  assertEquals(runtimeNames, ["deno", "bun", "node", "node22", "workerd", "edge", "chromium"]);
});

test("parseOptions() reads filters and options, and refuses what it does not know", () => {
  assertEquals(parseOptions(["--", "core/bus", "--runtime=deno,node", "--limit", "5"]), {
    filters: ["core/bus"],
    runtimes: ["deno", "node"],
    limitMs: 5_000,
  });
  assertThrows(() => parseOptions(["--runtime", "php"]), OptionError, '"php"');
  assertThrows(() => parseOptions(["--limit", "soon"]), OptionError, '"soon"');
  assertThrows(() => parseOptions(["--quick"]), OptionError, "--quick");
});

/** Runs a source as a test file, outside the repository so that no run finds it. */
async function runSource(
  name: RuntimeName,
  source: string,
  limitMs = 60_000,
): Promise<FileResult> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "run-" }));
  try {
    const path = `${folder}/fixture_test.ts`;
    await Deno.writeTextFile(path, source);
    return await runFile(await prepare(name), relative(root, path), limitMs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sets an environment variable; answers what undoes it. */
function setVariable(name: string, value: string): () => void {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  return () => before === undefined ? Deno.env.delete(name) : Deno.env.set(name, before);
}

/** The command lines of all processes. */
async function processes(): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
  return new TextDecoder().decode(stdout);
}
