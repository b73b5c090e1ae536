/**
 * The two readers of the demo: one that watches the run live and loses its connection on the way, and
 * one that comes when all is over. Both know the run only by its URL.
 *
 * @module
 */
import type { Bus, StreamEvent } from "@locus/core";
import { follow } from "./follow.ts";
import { showRun } from "./screen/show_run.ts";
import type { DemoServer } from "./server.ts";

/** What the live reader got, and how often it was cut off. */
export interface Watched {
  readonly events: readonly StreamEvent[];
  /** Where the connection was cut; null if it never was. */
  readonly cut: Cut | null;
}

/** A lost connection. */
export interface Cut {
  /** How many events had arrived, and the id of the last one. */
  readonly events: number;
  readonly after: string | null;
  /** How long the reader was away, in milliseconds, and how many events were published meanwhile. */
  readonly awayMs: number;
  readonly missedMeanwhile: number;
  /** The server's word on what was missed. */
  readonly recovery: string;
}

/** What the late reader got. */
export interface Replayed {
  readonly events: readonly StreamEvent[];
  /** Whether it was told that this was all. */
  readonly ended: boolean;
  readonly durationMs: number;
}

/**
 * Shows a run while it happens. The connection is cut on the way.
 *
 * @param bus Asked for nothing but how many events were published while the reader was away.
 */
export async function watch(runId: string, server: DemoServer, bus: Bus): Promise<Watched> {
  const events: StreamEvent[] = [];
  const published = () => bus.stats().published_events_total;
  let cut: Cut | null = null;
  let lostAt = 0;
  let isCut = false;
  let reword = (_text: string): void => {};
  const display = showRun({ name: runId, source: server.url });
  try {
    for await (const item of follow(server.urlOf(runId), { retryMs: AWAY_MS })) {
      if (item.kind === "lost") {
        lostAt = performance.now();
        reword = display.note(`connection lost after ${item.after} · coming back`);
      } else if (item.kind === "resumed") {
        const { after, recovery } = item;
        const awayMs = performance.now() - lostAt;
        const missedMeanwhile = published() - events.length;
        cut ??= { events: events.length, after, awayMs, missedMeanwhile, recovery };
        const verdict = recovery === "exact" ? "nothing missed" : `recovery: ${recovery}`;
        reword(`connection lost · resumed after ${after} · ${verdict}`);
      } else {
        display.event(item.event);
        if (item.event.event_type.startsWith("bus.")) continue;
        events.push(item.event);
        if (isCut || !isTimeToCut(events)) continue;
        isCut = true;
        server.cut();
      }
    }
  } finally {
    display.close();
  }
  return { events, cut };
}

/** Reads a run that is over, from its beginning. */
export async function replay(runId: string, server: DemoServer): Promise<Replayed> {
  const start = performance.now();
  const events: StreamEvent[] = [];
  let ended = false;
  for await (const item of follow(server.urlOf(runId))) {
    if (item.kind !== "event") continue;
    if (item.event.event_type === "bus.end") ended = true;
    else events.push(item.event);
  }
  return { events, ended, durationMs: performance.now() - start };
}

/** While text streams, with tools behind it or a good deal of text. */
function isTimeToCut(events: readonly StreamEvent[]): boolean {
  const isText = (event: StreamEvent) =>
    event.event_type === "agent.model.chunk" && event.data.content_preview !== "";
  const tool = events.findLastIndex((event) => event.event_type === "agent.tool.completed");
  const pieces = events.slice(tool + 1).filter(isText).length;
  return pieces >= (tool < 0 ? 30 : 12);
}

const AWAY_MS = 800;
