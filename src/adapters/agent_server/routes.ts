import type { Context, Hono } from "hono";
import { STREAM_HEADERS } from "../../sse/response.ts";
import { Connections } from "../http/connections.ts";
import { answerError, createReporter, exposeError, json, Refusal } from "../http/responses.ts";
import { cursorOf, fromOf, selectOf } from "../http/stream_query.ts";
import { whenOpened } from "../http/when_opened.ts";
import type { Access, Principal } from "./access.ts";
import { readResumeBody, readRunBody, type ResumeRequestBody } from "./bodies.ts";
import type { AgentServerConfig, ServedRunOptions } from "./options.ts";
import type { AddRoute } from "./add_route.ts";
import { noQuestion, notFound, refusalOf } from "./refusals.ts";
import {
  answerWithEvents,
  answerWithOutcome,
  answerWithStream,
  internalError,
  type StreamedRun,
} from "./replies.ts";
import { type ServedRun, storedThreadId } from "./served_run.ts";
import type { ServedRuns, StartSegment } from "./served_runs.ts";
import { addThreadRoutes } from "./thread_routes.ts";

/** Gives the app everything that it answers. */
export function addRoutes(
  app: Hono,
  config: AgentServerConfig,
  access: Access,
  runs: ServedRuns,
): void {
  const { agent, title, description, maxBodyBytes, maxStreams, onError } = config;
  const connections = new Connections("agentServer()", {
    connections: maxStreams,
    connectionsPerRun: maxStreams,
  });
  const report = createReporter("request", onError);
  const paths = new Map<string, string[]>();

  app.get("/health", (c) => json(c, 200, { status: "ok" }));
  paths.set("/health", ["GET"]);

  add("GET", "/info", (c) => json(c, 200, { title, description }));

  add("POST", "/invoke", async (c, principal) => {
    const run = await begin(c, principal);
    return await answerWithOutcome(c, config, run);
  });

  add("POST", "/stream", (c, principal) =>
    stream(c, async () => ({
      run: await begin(c, principal),
      after: null,
      isOwner: true,
    })));

  add("POST", "/resume", async (c, principal) => {
    const body = await readResumeBody(c, maxBodyBytes);
    const by = access.nameOf(c);
    if (body.stream) return await stream(c, () => resume(principal, body, by));
    const { run } = await resume(principal, body, by);
    return await answerWithOutcome(c, config, run);
  });

  add("GET", "/runs/:run_id/stream", (c, principal) => {
    const run = runOf(c, principal);
    // Its body would not be read, nor cancelled.
    if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
    return stream(c, () => ({ run, after: cursorOf(c), isOwner: false }));
  });

  add("GET", "/runs/:run_id/events", async (c, principal) => {
    const run = runOf(c, principal);
    if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
    const options = { after: cursorOf(c), from: fromOf(c), select: selectOf(c) };
    const place = connections.take(c, []);
    try {
      const subscription = runs.bus.subscribe(run.id, options);
      await whenOpened(subscription, report);
      return answerWithEvents(c, config, run, subscription, () => place.release());
    } catch (error) {
      place.release();
      throw error;
    }
  });

  add("DELETE", "/runs/:run_id", async (c, principal) => {
    const run = runOf(c, principal);
    return json(c, 200, { run_id: run.id, cancelled: await runs.cancel(run) });
  });

  addThreadRoutes(add, agent, runs);

  for (const [path, methods] of paths) {
    app.all(path, (c) => {
      const allowed = methods.join(", ");
      return json(c, 405, { error: `Only ${allowed} is answered here` }, { Allow: allowed });
    });
  }

  function add(...[method, path, answer]: Parameters<AddRoute>): void {
    paths.set(path, [...paths.get(path) ?? [], method]);
    app.on(method, path, async (c) => {
      try {
        return await answer(c, await access.principalOf(c));
      } catch (error) {
        const refusal = error instanceof Refusal ? error : refusalOf(error);
        if (refusal !== null) return answerError(c, refusal, report);
        exposeError(c, error);
        return internalError(c, report(error));
      }
    });
  }

  async function stream(
    c: Context,
    open: () => StreamedRun | Promise<StreamedRun>,
  ): Promise<Response> {
    // Before anything is begun whose stream could then not be opened.
    const place = connections.take(c, []);
    try {
      return answerWithStream(c, config, runs, await open(), () => place.release());
    } catch (error) {
      place.release();
      throw error;
    }
  }

  async function begin(c: Context, principal: Principal): Promise<ServedRun> {
    const { prompt, threadId, metadata } = await readRunBody(c, maxBodyBytes);
    if (threadId !== null) {
      if (!keepsThreads(config)) throw new Refusal(422, '"thread_id": this agent keeps no threads');
      await runs.threadAtRest(storedThreadId(principal, threadId));
    }
    return runs.begin(
      principal,
      threadId,
      (run, signal) => agent.run(prompt, { ...optionsOf(run, signal), metadata }),
      prompt,
    );
  }

  async function resume(
    principal: Principal,
    { interruptId, response, threadId }: ResumeRequestBody,
    answeredBy: string | null,
  ): Promise<StreamedRun> {
    const start: StartSegment = (run, signal) =>
      agent.resume(response, { ...optionsOf(run, signal), interruptId, answeredBy });
    const known = await runs.findWaiting(principal, interruptId);
    if (known !== undefined && (threadId === null || threadId === known.threadId)) {
      const after = runs.lastEventId(known);
      runs.goOn(known, interruptId, start);
      return { run: known, after, isOwner: true };
    }
    if (threadId === null || !await waits(principal, threadId, interruptId)) {
      throw noQuestion();
    }
    return { run: runs.begin(principal, threadId, start), after: null, isOwner: true };
  }

  /** Whether a thread waits for an answer since before this server was started. */
  async function waits(
    principal: Principal,
    threadId: string,
    interruptId: string,
  ): Promise<boolean> {
    if (!keepsThreads(config)) return false;
    const stored = storedThreadId(principal, threadId);
    await runs.threadAtRest(stored);
    const state = await agent.thread?.(stored);
    return state?.pending_interrupt?.interrupt_id === interruptId;
  }

  function runOf(c: Context, principal: Principal): ServedRun {
    const run = runs.find(principal, c.req.param("run_id") ?? "");
    if (run === undefined) throw notFound();
    return run;
  }
}

/** Whether the agent has something that keeps its threads. */
export function keepsThreads({ agent }: Pick<AgentServerConfig, "agent">): boolean {
  return agent.checkpointer !== undefined && agent.checkpointer !== null;
}

function optionsOf(run: ServedRun, signal: AbortSignal): ServedRunOptions {
  const threadId = run.storedThreadId;
  return threadId === null ? { signal } : { signal, threadId };
}
