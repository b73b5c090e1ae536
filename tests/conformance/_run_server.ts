import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { EventBus } from "@locus/core";
import { type FollowOptions, followRun } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { layLine } from "../client/_support.ts";
import { serve } from "../harness/support/serve.ts";
import { turn, until } from "../harness/support/until.ts";

/** What is done to the next requests instead of, or before, answering them. */
export interface Fault {
  delayMs?: number;
  /** Cuts the connection while it is answered. */
  drop?: boolean;
  status?: 400 | 429 | 500 | 503;
  retryAfter?: number;
  /** Put in front of the answer. */
  inject?: string;
  /** The answer ends after so many bytes. */
  truncate?: number;
  /** The answer is something else of the same length. */
  corrupt?: boolean;
}

/** A run on a server, by the operations of the judge. */
export interface ServedRun {
  readonly url: string;
  /** Publishes a text; returns the id to resume after it. */
  append(text: string): string;
  /** Follows the run until everything that was published has come, and joins the texts. */
  read(options?: FollowOptions): Promise<string>;
  /** Injects a fault into so many of the next requests. */
  fault(fault: Fault, count?: number): void;
  /** How many requests came. */
  requests(): number;
  /** Answers a question of an agent: what this client writes. */
  readonly answers: unknown[];
}

/** Runs a case on a server of its own, over HTTP. Runs whose names begin with `hidden` may not be read. */
export function onServer(run: (served: ServedRun) => Promise<void>): () => Promise<void> {
  return async () => {
    const bus = new EventBus();
    const faults: Fault[] = [];
    const answers: unknown[] = [];
    let requests = 0;
    const app = new Hono();
    app.use(async (c, next) => {
      requests++;
      const { delayMs, status, retryAfter, ...change } = faults.shift() ?? {};
      if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (retryAfter !== undefined) c.header("Retry-After", String(retryAfter));
      if (status !== undefined) return c.text("fault", status);
      await next();
      if (Object.keys(change).length > 0) c.res = changed(c.res, change);
    });
    const onResume = (_c: unknown, { response }: { response: unknown }) =>
      void answers.push(response);
    const authorize = (_c: unknown, id: string | null) => !id?.startsWith("hidden");
    app.route("/locus", locus({ bus, authorize, onResume, heartbeatMs: 20 }));
    const server = await serve(app);
    const line = await layLine(server.url);
    const drops: number[] = [];
    const url = `${line.url}/locus/runs/r/events`;
    const idAt = () => bus.runs().find(({ run_id }) => run_id === "r")?.cursor ?? null;
    try {
      await run({
        url,
        answers,
        requests: () => requests,
        append(text) {
          bus.publish({ run_id: "r", event_type: "test.said", data: { text } });
          return idAt()!;
        },
        async read(options = {}) {
          const follow = followRun<{ "test.said": { text: string } }>(url, {
            retry: () => 0,
            ...options,
          });
          let text = "";
          let next = follow.next();
          await until("it is connected", () => follow.state.phase !== "connecting");
          for (; follow.state.lastEventId !== idAt(); next = follow.next()) {
            const { value } = await next;
            if (value?.event_type === "test.said") text += value.data.text;
          }
          const { events } = follow.state;
          await turn();
          assertEquals(follow.state.events, events, "no more comes than there is");
          await follow.return();
          return text;
        },
        fault({ drop, ...fault }, count = 1) {
          if (drop) drops.push(...Array<number>(count).fill(1));
          else faults.push(...Array<Fault>(count).fill(fault));
          line.cutAfter(...drops);
        },
      });
    } finally {
      await line.close();
      await server.close();
    }
  };
}

function changed(response: Response, { inject = "", truncate, corrupt = false }: Fault): Response {
  const encoder = new TextEncoder();
  let left = truncate ?? Infinity;
  const body = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => inject !== "" && controller.enqueue(encoder.encode(inject)),
      transform(chunk, controller) {
        const part = chunk.subarray(0, left);
        controller.enqueue(corrupt ? part.map((byte) => byte ^ 0x15) : part);
        left -= part.length;
        if (left === 0) controller.terminate();
      },
    }),
  );
  return new Response(body, { status: response.status, headers: response.headers });
}
