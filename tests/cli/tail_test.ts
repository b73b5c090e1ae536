import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EventBus, type StreamEvent, withRun } from "@locus/core";
import { locus } from "@locus/core/hono";
import { startServer } from "../../examples/demo/server.ts";
import { FORGED_LINES, HOSTILE_MARKS, unsafeIn } from "../harness/support/hostile.ts";
import { Host } from "../harness/support/host.ts";
import { until } from "../harness/support/until.ts";
import { publishRun, run, start, withFile, withServer } from "./_program.ts";

/** Every line without the time before it. */
function withoutTimes(out: string): string[] {
  return out.trimEnd().split("\n").map((line) => line.replace(/^ *[\d.]+ m?s {2}/, ""));
}

test("locus tail writes a run as plain lines where there is no terminal", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const { code, out, err } = await run("tail", url, "r");
    assertEquals(withoutTimes(out), [
      `r  following ${url}`,
      "think 0      I look.",
      "search       started  path",
      "search       done  path  0 ms  22 lines",
      "think 1      the answer below",
      "         There are 22.",
      "done         complete  2 model calls  1 tool  0 tok",
    ]);
    assertEquals([code, err], [0, ""]);
  });
});

test("locus tail ends with 3 if the run failed", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r", "error");
    bus.closeStream("r");
    const { code, out } = await run("tail", `${url}/runs/r/events`);
    assertMatch(out, /failed {7}error/);
    assertEquals(code, 3);
  });
});

test("locus tail --json writes the events as they are", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const { code, out } = await run("tail", url, "r", "--json");
    const events: StreamEvent[] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(events.slice(0, -1), bus.history({ run: "r" }).toReversed());
    assertEquals(events.at(-1)?.event_type, "bus.end");
    assertEquals(code, 0);
  });
});

test("locus tail --json ends with 3 if the run says that it failed, and no agent did", async () => {
  await withServer(async ({ url }, bus) => {
    const failed = withRun({ runId: "r", bus }, () => Promise.reject(new Error("no such order")));
    await assertRejects(() => failed, Error, "no such order");
    assertEquals((await run("tail", url, "r", "--json")).code, 3);
    const { code, out } = await run("tail", url, "r");
    assertMatch(out, /error {8}Error: no such order {2}event \S+\n$/);
    assertEquals(code, 3);
  });
});

test("locus tail without a run waits for the first, and takes the latest", async () => {
  await withServer(async ({ url }, bus) => {
    const program = start("tail", url);
    await until(
      "it says that it waits",
      () => program.err.includes("waiting for the first"),
      15_000,
    );
    publishRun(bus, "first");
    bus.closeStream("first");
    const { code, out } = await program.ended;
    assertMatch(out, /^first {2}following/);
    assertEquals(code, 0);
  });
});

test("locus tail --all writes the events of every run from now on", async () => {
  await withServer(async ({ url }, bus) => {
    const program = start("tail", url, "--all");
    await until("it reads", () => bus.stats().global_subscribers > 0, 15_000);
    for (const id of ["one", "two"]) {
      bus.publish({ run_id: id, event_type: "shop.paid", data: { id } });
    }
    await until("it has written", () => program.out.includes("two"));
    assertMatch(program.out, /one {10} +0 ms {2}note {9}shop\.paid {2}id=one\ntwo /);
    program.interrupt();
    assertEquals((await program.ended).code, 130);
  });
});

test("locus tail resumes where it was cut off, and says so", async () => {
  const bus = new EventBus();
  const server = await startServer(bus);
  try {
    const tick = (n: number) =>
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n, text: "漢字 ".repeat(20) } });
    tick(1);
    const program = start("tail", `${server.url}/locus`, "r");
    await until("the first is there", () => program.out.includes("n=1"), 15_000);
    server.cut();
    tick(2);
    await until("it has noticed", () => program.out.includes("connection lost"));
    tick(3);
    bus.closeStream("r");
    const { code, out } = await program.ended;
    assertEquals([...out.matchAll(/n=(\d)/g)].map(([, n]) => n), ["1", "2", "3"]);
    assertMatch(out, /connection lost · resumed after \w+-1 · nothing missed/);
    assertEquals(out.match(/resumed/g)?.length, 1, "it is said once");
    assertEquals(code, 0);
  } finally {
    await server.stop();
  }
});

test("locus tail says what is missing", async () => {
  await withServer(async ({ url }, bus) => {
    for (let n = 0; n < 9; n++) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
    bus.closeStream("r");
    const { out } = await run("tail", url, "r");
    assertMatch(out, /note {9}6 events missing \(evicted\)/);
  }, { bus: new EventBus({ historyPerRun: 3 }) });
});

test("locus tail says why it cannot, and ends with 1", async () => {
  const bus = new EventBus();
  await withServer(async ({ url }) => {
    const refused = await run("tail", url, "r", "--header", "Authorization: Bearer s3cret");
    assertMatch(refused.err, /the server answered 404: it is not there, or you may not read it/);
    assert(!refused.err.includes("s3cret"));
    assertEquals(refused.code, 1);
  }, { bus, local: false, authorize: () => false });
  const absent = await run("tail", "http://127.0.0.1:9/locus", "r");
  assertMatch(
    absent.err,
    /^locus: Cannot follow http:\/\/127\.0\.0\.1:9\/.*there was no answer\n$/,
  );
  assertEquals(absent.code, 1);
});

test("locus tail sends the headers", async () => {
  const authorize = (c: { req: { header(name: string): string | undefined } }) =>
    c.req.header("Authorization") === "Bearer abc";
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const { code } = await run("tail", url, "r", "--header", "Authorization: Bearer abc");
    assertEquals(code, 0);
  }, { local: false, authorize });
});

test("locus tail closes its connection on Ctrl-C, and ends with 130", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    const program = start("tail", url, "r");
    await until("it has written", () => program.out.includes("There are 22."), 15_000);
    program.interrupt();
    const { code, err } = await program.ended;
    assertEquals([code, err], [130, ""]);
    await until("nobody reads any more", () => bus.stats().active_runs === 0);
  });
});

test("locus tail ends quietly when nobody reads what it writes", async () => {
  await withServer(async ({ url }, bus) => {
    const timer = setInterval(
      () =>
        bus.publish({ run_id: "r", event_type: "test.tick", data: { text: "x".repeat(5_000) } }),
      5,
    );
    try {
      const program = start("tail", url, "r", "--json");
      await until("it has written", () => program.out.length > 0, 15_000);
      program.child.stdout.destroy();
      const { code, err } = await program.ended;
      assertEquals([code, err], [0, ""]);
    } finally {
      clearInterval(timer);
    }
  });
});

test("G3: locus tail says that the server was restarted, and never that nothing was missed", async () => {
  const host = new Host();
  const restart = async () => {
    const bus = new EventBus();
    await host.kill();
    await host.start(locus({ bus, local: true }));
    return bus;
  };
  const tick = (bus: EventBus, n: number) =>
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  try {
    tick(await restart(), 1);
    const program = start("tail", host.url, "r");
    const recorder = start("record", host.url, "r");
    await until("the first is there", () => program.out.includes("n=1"), 15_000);
    await until("it is recorded", () => recorder.out.includes("test.tick"), 15_000);
    let bus = await restart();
    for (const lives of [1, 2]) {
      const resumed = () => program.out.match(/resumed after/g)?.length === lives;
      await until("it is back", resumed, 15_000);
      if (lives === 1) bus = await restart();
    }
    tick(bus, 2);
    bus.closeStream("r");
    const { out } = await program.ended;
    assertEquals(out.match(/note +the server was restarted; what it held is gone\n/g)?.length, 1);
    assertMatch(out, /resumed after \w+-1 · the server was restarted\n/);
    assert(!out.includes("nothing missed"), out);
    const recorded = await recorder.ended;
    assertMatch(
      recorded.err,
      /recorded 2 events of r; the server did not go on from what had arrived/,
    );
    assertEquals(recorded.code, 4);
  } finally {
    await host.kill();
  }
});

test("G10: locus tail and record say what they wait for, and what may have been meant", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "order-42");
    const waits = `no run "oder-42" at ${url} yet, waiting for it; did you mean "order-42"?`;
    const programs = [["tail"], ["tail", "--json"], ["record"]].map(([name = "", ...flags]) =>
      start(name, `${url}/runs/oder-42/events`, ...flags)
    );
    await until(
      "all of them say it",
      () => programs.every(({ out, err }) => (out + err).includes(waits)),
      15_000,
    );
    // It was no mistake.
    publishRun(bus, "oder-42");
    bus.closeStream("oder-42");
    const ended = await Promise.all(programs.map(({ ended }) => ended));
    assertEquals(ended.map(({ code }) => code), [0, 0, 0]);
    assertEquals(ended[1]!.out.split("\n").length, 11, "what is for programs has no word of it");
  });
});

test("G10: locus tail says what it waits for where runs may not be listed", async () => {
  await withServer(async ({ url }, bus) => {
    const program = start("tail", url, "r");
    await until(
      "it says so",
      () => program.out.includes('waiting for the first event of "r"'),
      15_000,
    );
    publishRun(bus, "r");
    bus.closeStream("r");
    assertEquals((await program.ended).code, 0);
  }, { local: false });
});

test("G10: locus tail says nothing of a run that is there", async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    const program = start("tail", url, "r");
    await until("the run is drawn", () => program.out.includes("2 model calls"), 15_000);
    program.interrupt();
    const { out, err } = await program.ended;
    assert(!(out + err).includes("waiting for"), out + err);
  });
});

test("G9: no command writes what an event could steer or imitate it by", async () => {
  const evil = [...HOSTILE_MARKS, ...FORGED_LINES].join("");
  const publish = (bus: EventBus, type: string, data: object) =>
    bus.publish({ run_id: "r", event_type: type as "test.any", data });
  await withServer(async ({ url }, bus) => {
    publish(bus, "test.any", { [evil]: evil });
    publish(bus, "agent.model.chunk", { content_preview: evil });
    publish(bus, "agent.think", { iteration: 0, reasoning_preview: evil, has_tool_calls: true });
    publish(bus, "agent.tool.started", { tool_name: evil, span_id: evil, arg_keys: [evil] });
    const failed = { success: false, duration_ms: 1, output_preview: evil, error: evil };
    publish(bus, "agent.tool.completed", { tool_name: evil, span_id: evil, ...failed });
    publish(bus, "agent.interrupt", {
      interrupt_id: evil,
      question_preview: evil,
      options: [evil],
    });
    const waiting = await run("runs", url);
    publish(bus, "agent.model.chunk", { content_preview: evil });
    publish(bus, "agent.terminate", { reason: evil, final_message_preview: evil });
    bus.closeStream("r");
    const recorded = await run("record", url, "r");
    await withFile(async (path) => {
      await writeFile(path, recorded.out);
      const ended = await Promise.all([
        run("tail", url, "r"),
        run("tail", url, "r", "--json"),
        run("runs", url),
        run("runs", url, "--json"),
        run("replay", path, "--speed", "1000"),
        run("replay", `${path}${evil.replaceAll("\0", "")}`),
        run("events", evil.replaceAll("\0", "")),
        run(evil.replaceAll("\0", "")),
      ]);
      for (const { out, err } of [waiting, recorded, ...ended]) {
        assertEquals(unsafeIn(out + err), [], out + err);
        assert(
          !/^(?:✓ demo| {2}1\.7 s {2}done|├─ ⚠ 29|▏forged|locus: forged)/m.test(out + err),
          out,
        );
      }
    });
  });
});
