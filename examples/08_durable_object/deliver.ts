/**
 * From a Worker into the object: what a run says goes there in batches, in order, one request at a time. A request
 * that got no answer is sent again, and stored once.
 */
import type { Run, StreamEvent } from "@locus/core";
import type { Service } from "./bindings.ts";

/**
 * Does a piece of a run's work, and waits until what was said in it is there.
 *
 * The run's bus must be this request's own, `new EventBus()`: whatever waits in one request of a Worker must
 * not be woken by another.
 */
export async function delivered<R>(run: Run, runs: Service, work: () => Promise<R>): Promise<R> {
  const sent = send(run, runs);
  try {
    return await work();
  } finally {
    run.bus.closeStream(run.id); // here; the run itself goes on
    await sent;
  }
}

/** Says that the run is over. */
export async function end(run: Run, runs: Service): Promise<void> {
  await producer(runs)([{ run_id: run.id, event_type: "bus.end", data: {} }]);
}

async function send(run: Run, runs: Service): Promise<void> {
  const post = producer(runs);
  let lost = 0;
  for await (const batch of run.bus.subscribe(run.id).batches({ maxEvents: 100 })) {
    const events: Draft[] = batch.map(draftOf);
    if (lost > 0) events.unshift(lossOf(run.id, lost));
    const accepted = await post(events);
    lost = accepted === 0 ? lost + batch.length : events.length - accepted;
  }
  if (lost > 0) console.error(`${lost} events of run ${run.id} did not arrive`);
}

type Draft = Pick<StreamEvent, "run_id" | "event_type" | "data"> | ReturnType<typeof lossOf>;

/** Without id and time, which the object gives. This bus's own words say what it could not hold. */
function draftOf({ run_id, event_type, data }: StreamEvent): Draft {
  if (event_type === "bus.gap") return lossOf(run_id, data.count);
  return { run_id, event_type, data } as Draft;
}

function lossOf(run_id: string, count: number) {
  return { run_id, event_type: "worker.events_lost", data: { count } } as const;
}

/** Sends requests under a name of its own, each with a number, by which the object knows one that it has already. */
function producer(runs: Service): (events: readonly object[]) => Promise<number> {
  const id = crypto.randomUUID();
  let seq = 0;
  return (events) => post(runs, events, { "Producer-Id": id, "Producer-Seq": `${seq++}` });
}

/** Sends a request until it is answered, a few times at most; how many of its events are stored. */
async function post(runs: Service, events: readonly object[], producer: object): Promise<number> {
  const body = events.map((event) => JSON.stringify(event)).join("\n");
  const headers = { "Content-Type": "application/x-ndjson", ...producer };
  for (let attempt = 1;; attempt++) {
    try {
      const init = { method: "POST", headers, body };
      const response = await runs.fetch("http://runs/locus/events", init);
      // What the object refuses it refuses each time; 503 says that it could not store everything yet.
      if (response.status < 500) {
        const { accepted = 0 } = await response.json() as { accepted?: number };
        return accepted;
      }
      await response.body?.cancel();
    } catch {
      // Nobody knows whether it arrived.
    }
    if (attempt === MAX_ATTEMPTS) return 0;
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
}

const MAX_ATTEMPTS = 5;
