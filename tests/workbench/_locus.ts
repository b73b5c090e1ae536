/**
 * The page of a real Locus server, in a real browser.
 *
 * @module
 */
import { test } from "node:test";
import { Hono } from "hono";
import type { Page } from "playwright-core";
import { EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { requires } from "../harness/support/requires.ts";
import { Host } from "../harness/support/host.ts";
import type { View } from "./_browser.ts";
import { browserName, inWindow } from "./_window.ts";

/** What a test has at hand. */
export interface Fixture {
  readonly page: Page;
  readonly bus: EventBus;
  readonly host: Host;
  /** Serves a bus at `/locus`, where the server was before if it was killed. */
  start(bus: EventBus, options?: LocusOptions): Promise<void>;
  /** Opens the page at a place such as `#run=r1`. */
  open(hash?: string): Promise<void>;
}

/** Options of {@linkcode testPage}. */
export interface PageTestOptions extends View {
  readonly bus?: EventBus;
  readonly options?: LocusOptions;
  /** It is about the look of the page, which is the same whatever serves it. */
  readonly isLook?: boolean;
}

const needsOnce = await requires(browserName, "one-runtime");
const needs = browserName === "firefox" ? needsOnce : await requires(browserName);

/** Registers a test of the page. It fails if the page complained of anything. */
export function testPage(
  name: string,
  { bus = new EventBus(), options, isLook = false, ...view }: PageTestOptions,
  run: (fixture: Fixture) => Promise<void>,
): void {
  test(`workbench: ${name}`, isLook ? needsOnce : needs, async () => {
    const host = new Host();
    const start = (bus: EventBus, more: LocusOptions = options ?? {}) => {
      const app = new Hono();
      app.route("/locus", locus({ bus, local: true, workbench: true, heartbeatMs: 500, ...more }));
      return host.start(app);
    };
    try {
      await start(bus);
      await inWindow(view, (page) => {
        const open = async (hash = "") => void (await page.goto(`${host.url}/locus/${hash}`));
        return run({ page, bus, host, start, open });
      });
    } finally {
      await host.kill();
    }
  });
}

/** Publishes as if it were done so many milliseconds ago. */
export function publishAgo(ms: number, publish: () => void): void {
  const { now } = Date;
  Date.now = () => now() - ms;
  try {
    publish();
  } finally {
    Date.now = now;
  }
}

/** Publishes what an agent says while it works: `turns` times text and two tools, the second of them failing. */
export function publishWork(bus: EventBus, runId: string, turns = 1): void {
  const say = (eventType: string, data: object) =>
    bus.publish<string>({ run_id: runId, event_type: eventType, data });
  for (let turn = 0; turn < turns; turn++) {
    for (const piece of ["Let", " me", " look."]) {
      say("agent.model.chunk", { content_preview: piece, done: false, has_tool_calls: false });
    }
    say("agent.tokens.used", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
    say("agent.model.completed", {
      content_preview: "Let me look.",
      tool_call_count: 2,
      stop_reason: "tool-calls",
    });
    say("agent.think", {
      iteration: turn,
      reasoning_preview: "Let me look.",
      has_tool_calls: true,
      tool_call_count: 2,
    });
    for (const tool of ["search", "fetch"]) {
      say("agent.tool.started", { tool_name: tool, span_id: `${tool}_${turn}`, arg_keys: ["q"] });
    }
    for (const tool of ["search", "fetch"]) {
      const success = tool === "search";
      say("agent.tool.completed", {
        tool_name: tool,
        span_id: `${tool}_${turn}`,
        success,
        duration_ms: 12,
        output_preview: success ? "17 matches" : "",
        error: success ? null : "FetchError: 503",
      });
    }
  }
}

/** Publishes the end of an agent, and closes the run. */
export function finish(bus: EventBus, runId: string): void {
  bus.publish({
    run_id: runId,
    event_type: "agent.terminate",
    data: {
      reason: "complete",
      iterations_used: 1,
      final_confidence: 0,
      total_tool_calls: 2,
      final_message_preview: "Found it.",
    },
  });
  bus.closeStream(runId);
}
