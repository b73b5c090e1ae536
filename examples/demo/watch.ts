/**
 * The two readers of the demo: one that watches the run live and loses its connection on the way, and
 * one that comes when all is over. Both know the run only by its URL.
 *
 * @module
 */
import type { Bus, StreamEvent } from "@locus/core";
import { followRun, type FollowState } from "@locus/core/client";
import { showRun } from "@locus/core/cli";
import type { DemoServer } from "./server.ts";

/** What the live reader got, and how often it was cut off. */
export interface Watched {
  readonly events: readonly StreamEvent[];
  /** Where the connection was cut; null if it never was. */
  readonly cut: Cut | null;
  /** Whether the server could deliver all that was published meanwhile. */
  readonly isWhole: boolean;
}

/** A lost connection. */
export interface Cut {
  /** How many events had arrived, and the id of the last one. */
  readonly events: number;
  readonly after: string | null;
  /** How long the reader was away, in milliseconds, and how many events were published meanwhile. */
  readonly awayMs: number;
  readonly missedMeanwhile: number;
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
  let cut: Cut | null = null;
  let lostAt = 0;
  let isCut = false;
  const display = showRun({ name: runId, source: server.url });
  const onState = (state: FollowState) => {
    display.connection(state);
    if (state.phase === "waiting") lostAt = performance.now();
    if (state.phase !== "live" || state.reconnects === 0) return;
    cut ??= {
      events: events.length,
      after: state.lastEventId,
      awayMs: performance.now() - lostAt,
      missedMeanwhile: bus.stats().published_events_total - events.length,
    };
  };
  const followed = followRun(server.urlOf(runId), { onState, retry: () => AWAY_MS });
  try {
    for await (const event of followed) {
      display.event(event);
      if (event.event_type.startsWith("bus.")) continue;
      events.push(event);
      if (isCut || !isTimeToCut(events)) continue;
      isCut = true;
      server.cut();
    }
  } finally {
    display.close();
  }
  const { missedEvents, restarts } = followed.state;
  return { events, cut, isWhole: missedEvents === 0 && restarts === 0 };
}

/** Reads a run that is over, from its beginning. */
export async function replay(runId: string, server: DemoServer): Promise<Replayed> {
  const start = performance.now();
  const events: StreamEvent[] = [];
  let ended = false;
  for await (const event of followRun(server.urlOf(runId))) {
    if (event.event_type === "bus.end") ended = true;
    else events.push(event);
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
