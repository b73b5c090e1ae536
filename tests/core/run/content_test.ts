/** Whether a run publishes content: who says so, and who goes before whom. */
import { test } from "node:test";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals, assertThrows } from "@std/assert";
import {
  EventBus,
  hasEventBus,
  resetEventBus,
  type Run,
  runContext,
  startRun,
  withRun,
  withSpan,
} from "@locus/core";
import { redactingBus } from "@locus/core/redaction";
import { requires } from "../../harness/support/requires.ts";

const carried = await requires("async-context");

const contentOf = (run: Run) => run.content;

test("a run publishes no content unless somebody says so", () => {
  const bus = new EventBus();
  assertEquals([withRun({ bus }, contentOf), runContext({ bus }, contentOf)], [false, false]);
});

test("a run publishes content if it says so, or its bus", () => {
  const bus = new EventBus();
  const told = new EventBus({ content: true });
  assertEquals(withRun({ bus, content: true }, contentOf), true);
  assertEquals(runContext({ bus, content: true }, contentOf), true);
  assertEquals(startRun({ bus, content: true }, () => {}).content, true);
  assertEquals(withRun({ bus: told }, contentOf), true);
});

test("what a run says of content goes before what its bus says", () => {
  const bus = new EventBus({ content: true });
  assertEquals(withRun({ bus, content: false }, contentOf), false);
  assertEquals(runContext({ bus, content: false }, contentOf), false);
});

test("a child run inherits whether it publishes content", () => {
  const bus = new EventBus();
  const other = new EventBus({ content: true });
  withRun({ bus, content: true }, (parent) => {
    assertEquals(withRun({ parent, bus }, contentOf), true);
    assertEquals(withRun({ parent, bus, content: false }, contentOf), false);
    withRun({ parent, bus, content: false }, (child) => {
      assertEquals(withRun({ parent: child, bus: other }, contentOf), false);
    });
  });
});

test("a child run of a run that says nothing goes by its own bus", () => {
  const bus = new EventBus();
  const other = new EventBus({ content: true });
  withRun({ bus }, (parent) => {
    assertEquals(withRun({ parent, bus: other }, contentOf), true);
  });
});

test("a run context inside a run inherits whether it publishes content", carried, () => {
  const bus = new EventBus();
  withRun({ bus, content: true }, () => {
    assertEquals(runContext({ bus }, contentOf), true);
    assertEquals(runContext({ bus, content: false }, contentOf), false);
  });
});

test("a span says of content what its run says", () => {
  const bus = new EventBus();
  withRun({ bus, content: true }, (run) => {
    assertEquals(withSpan("work", { run }, (span) => span?.run.content), true);
  });
});

test("part of a run can say something else of content", () => {
  const bus = new EventBus();
  withRun({ runId: "r", bus, content: true }, (run) => {
    const options = { runId: "r", parent: run, bus, content: false };
    assertEquals(withRun(options, contentOf), false);
    assertEquals(run.content, true);
  });
});

test("asking whether there is content makes no bus", () => {
  resetEventBus();
  assertEquals([runContext(contentOf), hasEventBus()], [false, false]);
});

test("a redacting bus says of content what its bus says", () => {
  const bus = redactingBus(new EventBus({ content: true, maxEventBytes: 1000 }));
  assertEquals([bus.content, bus.maxEventBytes], [true, 1000]);
});

test("content is true or false", () => {
  const content = "yes" as never;
  const expected = `"content" must be true or false, got "yes"`;
  assertThrows(() => new EventBus({ content }), TypeError, `EventBus: ${expected}`);
  assertThrows(() => withRun({ content }, contentOf), TypeError, `withRun(): ${expected}`);
  assertThrows(() => startRun({ content }, contentOf), TypeError, `startRun(): ${expected}`);
  assertThrows(() => runContext({ content }, contentOf), TypeError, `runContext(): ${expected}`);
});

const COMMAND: readonly string[] = "Deno" in globalThis
  ? ["run", "--quiet", "--allow-all", "--no-check"]
  : "Bun" in globalThis
  ? []
  : ["--import=./tests/harness/support/node_resolve.mjs"];

function printed(value: string): Promise<string> {
  const cwd = fileURLToPath(new URL("../../../", import.meta.url));
  const env = { ...process.env, LOCUS_CAPTURE_CONTENT: value };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...COMMAND, "tests/core/run/content_process.ts"],
      { cwd, env },
      (error, stdout) => error === null ? resolve(stdout) : reject(error),
    );
  });
}

test("LOCUS_CAPTURE_CONTENT=true says so for a process, and counts last", async () => {
  assertEquals(JSON.parse(await printed("true")), [true, false, false]);
});

test("LOCUS_CAPTURE_CONTENT says so only as true", async () => {
  assertEquals(JSON.parse(await printed("0")), [false, false, false]);
});
