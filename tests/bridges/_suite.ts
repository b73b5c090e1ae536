/**
 * The tests that every bridge to a framework has to pass. A bridge's own file is a table: how the framework is run with
 * the bridge and without, programs that do the usual things, and whatever is special about the framework.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, withRun } from "@locus/core";
import { RunPicture } from "@locus/core/view";
import { recorderFor } from "../../src/bridges/write_your_own.ts";
import { skipWhen } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";
import { testAttacks } from "./_attacks.ts";
import { type Bridge, type Expected, type Scenario, USUAL } from "./_bridge.ts";
import { checkRun, failAfter, SECRET, seen } from "./_contract.ts";

/** Declares the tests of a bridge. */
export function testBridge<Host>(bridge: Bridge<Host>): void {
  for (const [name, scenario] of Object.entries(bridge.scenarios)) {
    if (typeof scenario === "string") {
      test(`${bridge.name}: ${name}`, skipWhen(true, scenario), () => {});
    } else testScenario(bridge, name, scenario);
  }
  testOwnRuns(bridge);
  if (!bridge.hidesText) testText(bridge);
  testContent(bridge);
  testAttacks(bridge);
  if (typeof bridge.waiting === "string") {
    test(`${bridge.name}: a question to a person`, skipWhen(true, bridge.waiting), () => {});
  } else testWaiting(bridge, bridge.waiting);
}

function testScenario<Host>(bridge: Bridge<Host>, name: string, scenario: Scenario<Host>): void {
  const usual: Partial<Expected> = USUAL[name as keyof typeof USUAL] ?? {};
  const { ends = usual.ends, outcome = usual.outcome, outline } = scenario;
  const { ways = Object.keys(bridge.ways) } = scenario;
  for (const way of ways) {
    const host = bridge.ways[way]!;
    const by = ways.length > 1 ? `, by ${way}` : "";

    test(`${bridge.name}: ${name}${by}: the events hold the contract, and the host does what it did`, async () => {
      const without = await seenBy(scenario, host());
      const bus = new EventBus({ historyPerRun: 2_000 });
      let failed: unknown;
      const inRun = await withRun({ bus, name }, async (run) => {
        const result = await seenBy(scenario, host({}));
        failed = recorderFor(run, bridge.source).odd.failed;
        return result;
      });
      assertEquals(inRun, without);
      assertEquals(failed, 0);

      const told = checkRun(bus);
      if (outline !== null) assertEquals(told.outline, ["run run", outline]);
      assertEquals(told.of("agent.terminate").map(({ reason }) => reason), [...ends!]);
      assertEquals(told.events.at(-1)!.data.outcome, outcome);
      usual.check?.(told);
      scenario.check?.(told);
    });
  }

  test(`${bridge.name}: ${name}: nothing changes where our hooks fail, at once or later`, async (t) => {
    // Some hosts say that a hook failed.
    for (const level of ["warn", "error"] as const) t.mock.method(console, level, () => {});
    const host = bridge.ways[ways.at(-1)!]!;
    const without = await seenBy(scenario, host());
    for (const good of [0, 1, 2, 3, 5, 8]) {
      const result = await withRun({ bus: new EventBus() }, async (run) => {
        failAfter(good, recorderFor(run, bridge.source));
        return await seenBy(scenario, host({}));
      });
      assertEquals(result, without, `after ${good} calls that did not fail`);
    }
  });
}

/** What a caller sees, with the bridge or without. */
async function seenBy<Host>({ run, isUnordered }: Scenario<Host>, host: Host): Promise<unknown> {
  const what = await seen(() => run(host));
  const { result } = what as { result?: unknown };
  if (!isUnordered || !Array.isArray(result)) return what;
  return result.map((part) => JSON.stringify(part)).sort();
}

function testOwnRuns<Host>(
  { name, ways, asked, hidesInput, endsLate }: Bridge<Host>,
): void {
  const host = Object.values(ways).at(-1)!;

  test(`${name}: outside of any run, a call is a run of its own, which is drawn like any other`, async () => {
    const bus = new EventBus();
    await asked(host({ bus, content: true }), { input: "Oslo?", words: "Fine." });
    await ended(bus, 1);
    const { events, of } = checkRun(bus);
    assertEquals(events[0]!.data.input_preview, hidesInput ? "" : "Oslo?");
    assertEquals(of("run.completed")[0]!.outcome, "ok");
    const picture = new RunPicture(events[0]!.run_id);
    for (const event of events) picture.add(event as never);
    const rows = picture.rows.map((row) => `${row.kind} ${"name" in row ? row.name : ""}`);
    assertEquals(rows[0], `span ${events[0]!.data.name}`);
  });

  test(`${name}: calls at the same time are told apart`, async () => {
    const bus = new EventBus();
    const cities = ["Oslo", "Rome", "Bern"];
    const one = host({ bus, content: true });
    await Promise.all(cities.map((input) => asked(one, { input, words: `In ${input}` })));
    await ended(bus, cities.length);
    const ends = bus.runs().map(({ run_id }) => {
      const { of } = checkRun(bus, run_id);
      return `${of("agent.tool.completed")[0]!.output_preview} ${
        of("agent.terminate")[0]!.final_message_preview
      }`;
    });
    assertEquals(ends.sort(), cities.map((city) => `${city} 18 In ${city}`).sort());
  });

  test(`${name}: with runs: "ambient" a call outside of any run leaves no trace`, async () => {
    const bus = new EventBus();
    const one = { input: "Oslo", words: "Fine." };
    const without = await seen(() => asked(host(), one));
    assertEquals(await seen(() => asked(host({ bus, runs: "ambient" }), one)), without);
    assertEquals(bus.runs().length, 0);
  });

  test(`${name}: what happens is told while it happens`, async () => {
    const bus = new EventBus();
    let then: unknown[] = [];
    const onTool = () =>
      then = bus.history().toReversed().map(({ event_type: type }) => type as string)
        .filter((type) => /started|model\.completed|tool\.completed/.test(type));
    await withRun({ bus }, () => asked(host({}), { input: "Oslo", words: "Fine.", onTool }));
    // Nodes of a graph are the framework's.
    assertEquals(then.filter((type) => !String(type).startsWith("multiagent.")), [
      "run.started",
      "span.started",
      "span.started",
      ...endsLate ? [] : ["agent.model.completed"],
      "agent.tool.started",
    ]);
  });
}

function testText<Host>({ name, ways, asked }: Bridge<Host>): void {
  test(`${name}: text streams joined, and the previews add up to it`, async () => {
    const bus = new EventBus();
    const words = Array.from({ length: 300 }, (_, n) => `word${n} `).join("");
    const host = Object.values(ways).at(-1)!;
    await withRun({ bus }, () => asked(host({}), { input: "Oslo", words }));
    const chunks = checkRun(bus).of("agent.model.chunk");
    assert(chunks.length < 100, `${chunks.length} events`);
    assertEquals(chunks.map(({ content_preview }) => content_preview).join(""), words);
  });
}

function testContent<Host>({ name, ways, asked, content }: Bridge<Host>): void {
  const host = Object.values(ways).at(-1)!;

  test(`${name}: content holds each message once, and no secret`, async () => {
    const bus = new EventBus();
    const one = { input: SECRET, words: `it is ${SECRET}` };
    await withRun({ bus, content: true }, () => asked(host({}), one));
    const said = checkRun(bus).of("span.content").map(
      ({ direction, kind, from_index, content }) => {
        const roles = kind === "messages"
          ? ` ${(content as { role: string }[]).map(({ role }) => role)}`
          : "";
        return `${direction} ${kind} ${from_index}${roles}`;
      },
    );
    assertEquals(said, [...content]);
  });

  test(`${name}: without content, no prompt, argument or result is published`, async () => {
    const bus = new EventBus();
    await withRun({ bus }, () => asked(host({}), { input: "Atlantis", words: "Fine." }));
    const { events, of } = checkRun(bus);
    assertEquals(of("span.content"), []);
    // The start of a tool's result is shown; see `output_preview`.
    const others = events.filter(({ event_type }) => event_type !== "agent.tool.completed");
    assert(!JSON.stringify(others).includes("Atlantis"));
  });
}

function testWaiting<Host>(
  { name, ways, waited }: Bridge<Host>,
  waiting: Exclude<Bridge<Host>["waiting"], string>,
): void {
  const host = Object.values(ways).at(-1)!;

  test(`${name}: a question to a person, and its answer, are one agent in one run`, async () => {
    const bus = new EventBus();
    const one = host({ bus });
    const answer = await waiting(one);
    await ended(bus, 1);
    assertEquals((await bus.runs())[0]!.closed, false);
    await answer(one);
    await ended(bus, 2);
    assertEquals(bus.runs().length, 1);
    const { outline, of, events } = checkRun(bus);
    assertEquals(outline, ["run run", waited]);
    assertEquals(of("agent.interrupt").map(({ question_preview }) => question_preview), [
      "Run pay?",
    ]);
    assertEquals(of("agent.interrupt.answered").length, 1);
    assertEquals(of("run.completed").map(({ outcome }) => outcome), ["waiting", "ok"]);
    assertEquals(events.at(-1)!.event_type, "run.completed");
  });

  test(`${name}: answered in another run, an agent says which one it goes on with`, async () => {
    const bus = new EventBus();
    const answer = await withRun({ bus, runId: "asks" }, () => waiting(host({})));
    await withRun({ bus, runId: "answers" }, () => answer(host({})));
    const asks = checkRun(bus, "asks");
    assertEquals(asks.of("run.completed").map(({ outcome }) => outcome), ["waiting"]);
    const { of } = checkRun(bus, "answers");
    const agent = of("span.started").find(({ kind }) => kind === "agent")!;
    const asked = asks.of("span.started").find(({ kind }) => kind === "agent")!;
    const { resumes } = agent.attributes as { resumes?: unknown };
    assertEquals(resumes, { run_id: "asks", span_id: asked.span_id });
    assertEquals(of("agent.terminate").map(({ reason }) => reason), ["complete"]);
  });

  test(`${name}: answered where nobody knows the question, an agent is a new one`, async () => {
    // As in another process.
    const answer = await withRun({ bus: new EventBus() }, () => waiting(host({})));
    const bus = new EventBus();
    await withRun({ bus }, () => answer(host({})));
    const { of } = checkRun(bus);
    assertEquals(of("agent.terminate").map(({ reason }) => reason), ["complete"]);
    assertEquals(of("agent.interrupt.answered").length, 0);
  });
}

/** So many runs are completed, or wait. */
export function ended(bus: EventBus, count: number): Promise<void> {
  return until("the run ends", () => bus.history("run.completed").length >= count);
}
