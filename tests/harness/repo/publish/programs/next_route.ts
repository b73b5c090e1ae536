/** A route handler of Next, without Hono: the events of a run. */
// With its ending, so that Node finds it as well as a bundler does.
import { type NextRequest, NextResponse } from "next/server.js";
import { EventBus } from "@locus/core";
import { eventStreamResponse } from "@locus/core/sse";

const bus = new EventBus();

export function GET(request: NextRequest): Response {
  const runId = request.nextUrl.searchParams.get("run");
  if (runId === null) return NextResponse.json({ error: "run is missing" }, { status: 400 });
  bus.publish({ run_id: runId, event_type: "shop.paid", data: { order: 1 } } as never);
  bus.closeStream(runId);
  return eventStreamResponse(bus.subscribe(runId), { signal: request.signal });
}
