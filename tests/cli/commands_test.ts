import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventBus, withRun } from "@locus/core";
import { eventCatalogue } from "@locus/core/events";
import { locus } from "@locus/core/hono";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { serve } from "../harness/support/serve.ts";
import { until } from "../harness/support/until.ts";
import { Program, publishRun, run, start, withFile, withServer } from "./_program.ts";

test("locus --version prints the version of the package", async () => {
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { code, out } = await run("--version");
  assertEquals([code, out], [0, `${JSON.parse(manifest).version}\n`]);
});

test("locus --help lists the commands and the exit codes", async () => {
  const { code, out } = await run("--help");
  const names = ["tail", "runs", "record", "export", "replay", "import", "events", "completion"];
  for (const name of names) {
    assert(out.includes(`locus ${name}`), name);
  }
  assertMatch(out, /Exit codes: 0 /);
  assertEquals(code, 0);
  const tail = await run("tail", "--help");
  assertMatch(tail.out, /^locus tail <url\|file> \[run\]/);
});

test("G10: locus names what is wrong with its arguments, and ends with 2", async () => {
  const wrong: [args: string[], message: RegExp][] = [
    [["tial"], /there is no command "tial"; did you mean "tail"\?/],
    [["frobnicate"], /there is no command "frobnicate"; see locus --help/],
    [["tail"], /usage: locus tail <url\|file>/],
    [["tail", "http://a", "b", "c"], /usage: locus tail/],
    [["tail", "localhost:8000"], /must begin with http:/],
    [["tail", "http://u:p@host/"], /must not hold a password/],
    [["tail", "http://127.0.0.1", "no spaces"], /the run must be/],
    [["tail", "http://127.0.0.1", "--jsno"], /no option --jsno here; did you mean "--json"\?/],
    [
      ["tail", "http://127.0.0.1", "--speed", "4"],
      /no option --speed here; there is --all, --json/,
    ],
    [["runs", "http://127.0.0.1", "--heder=a: b"], /did you mean "--header"\?/],
    [["events", "-j"], /no option -j here/],
    [["tail", "http://127.0.0.1", "--hlep"], /did you mean "--help"\?/],
    [["--versoin"], /did you mean "--version"\?/],
    [["tail", "http://127.0.0.1", "--header", "s3cret"], /--header must be "Name: value"/],
    [["replay", "x", "--speed", "fast"], /--speed must be a number above 0, got "fast"/],
    [["replay", "x", "--port", "80"], /--port goes with --serve/],
    [["record", "http://127.0.0.1"], /usage: locus record/],
    [["import", "run.ndjson"], /usage: locus import/],
    [["runs", "http://127.0.0.1", "--state", "faild"], /no state "faild"; did you mean "failed"\?/],
    [["runs", "http://127.0.0.1", "--tag", "team"], /--tag must be name=value, got "team"/],
    [["runs", "http://127.0.0.1", "--since", "soon"], /--since must be a time, or how long ago/],
    [["completion", "tcsh"], /the shell must be one of bash, zsh, fish, got "tcsh"/],
  ];
  await Promise.all(wrong.map(async ([args, message]) => {
    const { code, out, err } = await run(...args);
    assertMatch(err, message);
    assert(!err.includes("s3cret"));
    assertEquals([code, out], [2, ""], args.join(" "));
  }));
});

test("locus without a command shows the help, and ends with 2", async () => {
  const { code, out } = await run();
  assertMatch(out, /locus tail/);
  assertEquals(code, 2);
});

test("locus export writes a run as lines or as a page, from a server, a file, a recording or such a page", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "order-1");
    bus.publish<string>({ run_id: "order-1", event_type: "shop.paid", data: { token: "s3cret" } });
    bus.closeStream("order-1");
    await withFile(async (path) => {
      const html = `${path}.html`;
      const lines = await run("export", url, "order-1");
      assert(!lines.out.includes("s3cret"));
      assertMatch(lines.out, /"bus\.end"/);
      const page = await run("export", `${url}/runs/order-1/events`, "--html", html);
      assertEquals([page.code, page.out], [0, ""]);
      assertMatch(page.err, /^exported \d+ events to .*html\n$/);
      await writeFile(path, lines.out);
      const again = await Promise.all([run("export", html), run("export", path, "order-1")]);
      assertEquals(again, [lines, lines]);
      assertMatch((await run("replay", html)).out, /There are 22\./);
      const wrong: [args: string[], code: number, message: RegExp][] = [
        [[url], 2, /usage: locus export/],
        [[url, "none"], 1, /has no events of none/],
        [[path, "none"], 1, /has no events of none/],
        [[path, "--html", `${path}/no/such`], 1, /cannot write /],
      ];
      for (const [args, code, message] of wrong) {
        const ended = await run("export", ...args);
        assertMatch(ended.err, message);
        assertEquals(ended.code, code);
      }
    });
  });
});

test("locus completion prints scripts that know all commands, options and values", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await run("completion", shell);
    for (
      const name of ["tail", "replay", "events", "speed", "header", "interrupted", "agent.think"]
    ) {
      assert(out.includes(name), `${shell}: ${name}`);
    }
    assertEquals(code, 0);
  }
  const { out: script } = await run("completion", "bash");
  const typed: [words: string, offered: string][] = [
    ["locus e", "export events"],
    ["locus runs --st", "--state"],
    ["locus runs http://localhost --state f", "failed"],
    ["locus events agent.tool.", "agent.tool.started agent.tool.completed"],
    ["locus tail file", ""],
  ];
  const asked = typed.map(([words]) =>
    `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _locus; echo "\${COMPREPLY[*]}"`
  );
  const { out } = await new Program(["bash", "-c", [script, ...asked].join("\n")]).ended;
  assertEquals(out, typed.map(([, offered]) => `${offered}\n`).join(""));
});

test("locus runs lists the runs, the latest first", async () => {
  await withServer(async ({ url }, bus) => {
    const empty = await run("runs", url);
    assertEquals(empty, { code: 0, out: "", err: `no runs at ${url}\n` });
    publishRun(bus, "order-1");
    const then = Date.now();
    await until("the clock goes on", () => Date.now() > then);
    publishRun(bus, "order-2", "error");
    const { code, out } = await run("runs", url);
    const lines = out.trimEnd().split("\n").map((line) => line.replace(/ +/g, " "));
    assertMatch(lines[0]!, /^✗ order-2 failed \d+ ms .* ago 2 model calls 1 tool 0 tok 1 error$/);
    assertMatch(lines[1]!, /^✓ order-1 done \d+ ms .* ago 2 model calls 1 tool 0 tok$/);
    assertEquals([code, lines.length], [0, 2]);
    const json = await run("runs", url, "--json");
    const ids = json.out.trimEnd().split("\n").map((line) => JSON.parse(line).run_id);
    assertEquals(ids, ["order-2", "order-1"]);
  });
});

test("locus runs --search looks through an archive, and says where there is none", async () => {
  await withServer(async ({ url }) => {
    const { code, err } = await run("runs", url, "--search", "refund");
    assertEquals(code, 1);
    assertMatch(err, /the server answered 400/);
  });
  const archive = sqliteBus({ path: ":memory:", search: true });
  const server = await serve(locus({ bus: archive, local: true }));
  for (const [id, text] of [["a", "refund order 7"], ["b", "nothing"]] as const) {
    archive.publish({ run_id: id, event_type: "shop.said", data: { text } });
  }
  await archive.flushed();
  const { code, out } = await run("runs", server.url, "--search", "order ref", "--json");
  assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line).run_id), ["a"]);
  assertEquals(code, 0);
  const none = await run("runs", server.url, "--search", "missing");
  assertMatch(none.err, /^no runs with "missing" at /);
  await server.close();
  await archive.close();
});

test("locus reads a file of sqliteBus(), also while another process writes it", async () => {
  await withFile(async (path) => {
    await using bus = sqliteBus({ path });
    await withRun(
      { bus, runId: "a", name: "Refund of 7", tags: { team: "billing" } },
      (run) => {
        run.emit("shop.said", { text: "refund order 7" });
        run.emit("agent.tokens.used", {
          prompt_tokens: 1,
          completion_tokens: 1,
          total_tokens: 2,
          model: "gpt-5",
        });
      },
    );
    bus.publish({ run_id: "b", event_type: "shop.said", data: { text: "one" } });
    await bus.flushed();
    const list = await run("runs", path, "--json");
    const ids = list.out.trimEnd().split("\n").map((line) => JSON.parse(line).run_id);
    assertEquals([list.code, ids], [0, ["b", "a"]]);
    assertMatch((await run("runs", path, "--search", "refund")).out, /^✓ Refund of 7 +done/);
    const [first, second] = await Promise.all([
      run("runs", path, "--limit", "1", "--since", "1h"),
      run("runs", path, "--state", "done", "--tag", "team=billing", "--model", "gpt", "--json"),
    ]);
    assertMatch(first.out, /^● b +running/);
    const [before] = /--before \d+/.exec(first.err) ?? [""];
    assertMatch((await run("runs", path, ...before.split(" "))).out, /^✓ Refund of 7/);
    assertEquals(JSON.parse(second.out).run_id, "a");
    const tail = start("tail", path, "b");
    await until("what was there is shown", () => tail.out.includes("text=one"), 20_000);
    bus.publish({ run_id: "b", event_type: "shop.said", data: { text: "two" } });
    bus.closeStream("b");
    const { code, out } = await tail.ended;
    assertMatch(out, /text=two/);
    assertEquals(code, 0);
    const recorded = await run("record", path, "a");
    assertEquals(recorded.out.trimEnd().split("\n").length, 5);
    assertMatch((await run("replay", path, "a")).out, /refund order 7/);
    // Without a name, the run that changed last.
    assertMatch((await run("replay", path)).out, /text=two/);
    const wrong = await run("tail", "src/cli/mod.ts");
    assertMatch(wrong.err, /src\/cli\/mod.ts is no file of sqliteBus\(\)/);
    assertEquals(wrong.code, 2);
    bus.publish({ run_id: "left", event_type: "shop.said", data: {} });
    await bus.close();
    assertMatch((await run("runs", path, "--state", "interrupted")).out, /^✗ left +interrupted/);
  });
});

test("locus record and locus replay show the same run as locus tail", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const tail = await run("tail", url, "r");
    const record = await run("record", url, "r");
    assertEquals([record.code, record.err], [0, "recorded 9 events of r\n"]);
    await withFile(async (path) => {
      await writeFile(path, record.out);
      const { code, out } = await run("replay", path, "--speed", "1000");
      const [, ...shown] = out.split("\n");
      assertEquals(shown, tail.out.split("\n").slice(1));
      assertMatch(out, /^r {2}replaying /);
      assertEquals(code, 0);
    });
  });
});

test("locus record ends with 4 if events are missing", async () => {
  await withServer(async ({ url }, bus) => {
    for (let n = 0; n < 9; n++) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
    bus.closeStream("r");
    const { code, err } = await run("record", url, "r");
    assertEquals([code, err], [4, "recorded 3 events of r; 6 events missing\n"]);
  }, { bus: new EventBus({ historyPerRun: 3 }) });
});

test("locus record leaves whole lines on Ctrl-C, and says that the run was not over", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    const program = start("record", url, "r");
    await until("it has written", () => program.out.includes("agent.terminate"), 15_000);
    program.interrupt();
    const { code, out, err } = await program.ended;
    assertEquals(out.trimEnd().split("\n").map((line) => typeof JSON.parse(line)).length, 9);
    assertEquals([code, err], [130, "recorded 9 events of r; the run was not over\n"]);
  });
});

test("locus import stores a recording in a file, and says what it skips", async () => {
  await withFile(async (path) => {
    const event = { event_id: "e-1", run_id: "r", event_type: "test.tick", data: { n: 1 } };
    const line = JSON.stringify({ ...event, timestamp: "2026-01-02T03:04:05.000Z" });
    await writeFile(path, `${line}\nno JSON\n`);
    const first = await run("import", path, `${path}.db`, "--json");
    assertEquals(JSON.parse(first.out), { imported: { r: 1 }, skipped: {}, invalid: 1 });
    assertMatch(first.err, /skipped .*line 2: this is not JSON\nimported 1 event of 1 run into/);
    const again = await run("import", path, `${path}.db`);
    assertMatch(again.err, /skipped 1 event of r: that run is there already/);
    assertEquals([first.code, again.code], [4, 4]);
    await using bus = sqliteBus({ path: ":memory:" });
    const server = await serve(locus({ bus, ingest: true, local: true }));
    const sent = await run("import", `${path}.db`, server.url);
    assertMatch(sent.err, /imported 1 event of 1 run into http/);
    assertEquals([sent.code, (await bus.runs()).map(({ run_id }) => run_id)], [0, ["r"]]);
    await server.close();
  });
});

test("locus replay shows each event at its time in the run", async () => {
  const event = (n: number, at: number) =>
    JSON.stringify({
      event_id: `e-${n}`,
      run_id: "r",
      event_type: "test.tick",
      timestamp: new Date(at).toISOString(),
      data: { n },
    });
  await withFile(async (path) => {
    await writeFile(path, `${event(1, 0)}\n${event(2, 60_000)}\n`);
    const { out } = await run("replay", path, "--speed", "60000");
    assertMatch(out, /1 m 00 s {2}note {9}test\.tick {2}n=2/);
    assertMatch(out, /1 m 00 s {2}ended {8}0 model calls {2}0 tools {2}0 tok\n$/);
  });
});

test("G6: locus replay goes by the times of the run, whatever its gaps and its end say", async () => {
  const event = (seq: number, at: number, type = "test.tick", data: object = { seq }) =>
    JSON.stringify({
      event_id: `e-${seq}`,
      run_id: "r",
      event_type: type,
      timestamp: new Date(at).toISOString(),
      data,
    });
  const gap = { from_seq: 1, to_seq: 4, count: 4, reason: "evicted" };
  const read = Date.now();
  const lines = [
    event(4, read, "bus.gap", gap),
    event(5, 0),
    event(6, 60_000),
    event(7, read, "bus.end", { last_event_id: "e-6" }),
  ];
  await withFile(async (path) => {
    await writeFile(path, lines.join("\n"));
    const { out, code } = await run("replay", path, "--speed", "60000");
    assertEquals(out.split("\n").slice(1, -1), [
      "         note         4 events missing (evicted)",
      "   0 ms  note         test.tick  seq=5",
      "1 m 00 s  note         test.tick  seq=6",
      "1 m 00 s  ended        0 model calls  0 tools  0 tok",
    ]);
    assertEquals(code, 0);
  });
});

test("G10: locus replay says which run of the recording may have been meant", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "order-42");
    bus.closeStream("order-42");
    const { out } = await run("record", url, "order-42");
    await withFile(async (path) => {
      await writeFile(path, out);
      const { err, code } = await run("replay", path, "oder-42");
      assertMatch(err, /has no events of oder-42; did you mean "order-42"\?/);
      assertEquals(code, 1);
    });
  });
});

test("locus replay names the line that is no event", async () => {
  await withFile(async (path) => {
    const absent = await run("replay", path);
    assertMatch(absent.err, /cannot read .*run\.ndjson: there is no such file/);
    assertEquals(absent.code, 1);
    await writeFile(path, "\n{}\n");
    assertMatch((await run("replay", path)).err, /line 2: this is not an event of Locus/);
    await writeFile(path, "");
    assertMatch((await run("replay", path)).err, /has no events/);
  });
});

test("locus replay --serve serves the recording on this machine only, until Ctrl-C", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const { out } = await run("record", url, "r");
    await withFile(async (path) => {
      await writeFile(path, out);
      const program = start("replay", path, "--serve", "--speed", "1000");
      await until("all is published", () => program.err.includes("published"), 15_000);
      const [place] = /http:\/\/127\.0\.0\.1:\d+/.exec(program.err) ?? [];
      const tail = await run("tail", place!, "r");
      assertMatch(tail.out, /There are 22\./);
      assertEquals((await fetch(`${place}/`)).status, 200);
      const history = await fetch(`${place}/runs/r/history`);
      assertEquals((await history.json()).events.length, 9);
      program.interrupt();
      assertEquals((await program.ended).code, 130);
    });
  });
});

test("locus events prints the catalogue, some of it, or one event", async () => {
  const all = await run("events");
  for (const name of Object.keys(eventCatalogue)) assert(all.out.includes(name), name);
  const tools = await run("events", "agent.tool.*");
  assertEquals(tools.out.trimEnd().split("\n"), [
    "agent.tool.started    A tool is about to be called.",
    "agent.tool.completed  A tool returned, failed, timed out or was cancelled.",
  ]);
  const one = await run("events", "deepagent.fs.read");
  assertEquals(one.out.trimEnd().split("\n"), [
    "deepagent.fs.read  A file was read.",
    "                   Only on success.",
    "  path             string",
    "  byte_count       integer",
    "  span_id          string | null",
  ]);
  const json = await run("events", "agent.think", "--json");
  assertEquals(JSON.parse(json.out).schema.title, "agent.think");
});

test("locus events offers what a wrong name may have meant, and ends with 1", async () => {
  const { code, err } = await run("events", "tool");
  assertMatch(err, /no event "tool"; there is agent\.tool\.started, agent\.tool\.completed/);
  assertEquals(code, 1);
  const typo = await run("events", "agent.thnik");
  assertMatch(typo.err, /no event "agent\.thnik"; did you mean "agent\.think"\?/);
});
