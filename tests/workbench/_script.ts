/**
 * Runs that are written down instead of lived through: events with the times that they are to have, and a server
 * that answers the routes of Locus with them.
 *
 * @module
 */
import { Hono } from "hono";
import type { EventPayload, StreamEvent } from "../../src/events/stream_event.ts";
import { encodeEvent, encodeFrame } from "../../src/sse/encoder.ts";
import { addToSummary, closeSummary, createRunSummary } from "../../src/view/run_summary.ts";
import type { WorkbenchConfig } from "../../src/workbench/config.ts";
import { WORKBENCH_HEADERS, workbenchAsset } from "../../src/workbench/mod.ts";

/** An event and when it happens, in milliseconds from the start of its run. */
export type Line = readonly [atMs: number, eventType: string, data: object];

/** A run as a list of events. */
export interface ScriptedRun {
  readonly runId: string;
  readonly events: readonly StreamEvent[];
  readonly closed: boolean;
}

/** Writes a run down; it began at `startedAt`. */
export function scriptRun(
  runId: string,
  startedAt: number,
  lines: readonly Line[],
  { closed = false }: { closed?: boolean } = {},
): ScriptedRun {
  let seq = 0;
  let lives = 0;
  const events = lines.map(([atMs, eventType, data]) => {
    if (eventType === "bus.gap") {
      const { to_seq: last, reason } = data as EventPayload<"bus.gap">;
      seq = last;
      if (reason === "new_epoch") lives++;
    } else seq++;
    return {
      event_id: `${lives === 0 ? "k3v9" : `k3v9x${lives}`}-${seq}`,
      run_id: runId,
      event_type: eventType,
      timestamp: new Date(startedAt + atMs).toISOString(),
      data,
    } as StreamEvent;
  });
  return { runId, events, closed };
}

/** What the scripted server does. */
export interface ScriptedServer {
  readonly runs: readonly ScriptedRun[];
  /** Whether all runs may be read. */
  readonly isOpen?: boolean;
  readonly config?: WorkbenchConfig;
  /** What the list says of how some runs stand, in place of what their events say. */
  readonly states?: Readonly<Record<string, string>>;
  /** Called with the end of each stream: to send, or to hang up. */
  onStream?(send: (event: StreamEvent) => void, close: () => void): void;
}

/** An app that serves the page and these runs. */
export function scriptedApp(
  { runs, isOpen = true, config, states = {}, onStream }: ScriptedServer,
): Hono {
  const app = new Hono();
  const find = (runId: string) => runs.find((run) => run.runId === runId);

  app.get(
    "/runs",
    (c) => {
      if (!isOpen) return c.json({ error: "Not found" }, 404);
      const list = runs.map(summaryOf).map((summary) => {
        const state = states[summary.run_id];
        return state === undefined ? summary : { ...summary, state };
      });
      return c.json({ runs: list });
    },
  );
  app.get("/workbench.json", (c) => c.json(config ?? { prices: null, resume: false }));
  app.get(
    "/catalogue",
    (c) =>
      c.json({
        "agent.tool.completed": { summary: "A tool returned, failed, timed out or was cancelled." },
      }),
  );
  app.get("/events", (c) => isOpen ? stream([]) : c.json({ error: "Not found" }, 404));
  app.get("/runs/:id/history", (c) => {
    const run = find(c.req.param("id"));
    if (run === undefined) return c.json({ error: "Not found" }, 404);
    const after = c.req.query("after");
    const from = run.events.findIndex(({ event_id: id }) => id === after) + 1;
    const events = run.events.slice(from, from + Number(c.req.query("limit") ?? Infinity));
    return c.json({
      run_id: run.runId,
      closed: run.closed && events.at(-1) === run.events.at(-1),
      cursor: events.at(-1)?.event_id ?? after ?? "k3v9-0",
      events,
    });
  });
  app.get("/runs/:id/events", (c) => {
    const run = find(c.req.param("id"));
    return run === undefined ? c.json({ error: "Not found" }, 404) : stream(run.events);
  });
  app.get("/:file{.*}", (c) => {
    const asset = workbenchAsset(c.req.param("file"));
    if (asset === null) return c.notFound();
    return c.body(asset.body, 200, { ...WORKBENCH_HEADERS, "Content-Type": asset.contentType });
  });
  return app;

  function stream(events: readonly StreamEvent[]): Response {
    let beat: ReturnType<typeof setInterval> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encodeFrame({ comment: "open" }));
        for (const event of events) controller.enqueue(encodeEvent(event));
        beat = setInterval(() => controller.enqueue(encodeFrame({ comment: "" })), 2_000);
        onStream?.(
          (event) => controller.enqueue(encodeEvent(event)),
          () => {
            clearInterval(beat);
            controller.close();
          },
        );
      },
      cancel: () => clearInterval(beat),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
}

function summaryOf({ runId, events, closed }: ScriptedRun) {
  const summary = createRunSummary(runId);
  for (const event of events) addToSummary(summary, event);
  if (closed) closeSummary(summary, null);
  return summary;
}
