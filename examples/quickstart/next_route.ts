/** A route handler of Next.js, without Hono: save it as `app/runs/[id]/events/route.ts`. */
import { getEventBus } from "@locus/core";
import { isRunId } from "@locus/core/events";
import { eventStreamResponse } from "@locus/core/sse";

export const dynamic = "force-dynamic"; // never cached

interface Context {
  params: Promise<{ id: string }>;
}

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  if (!isRunId(id) || !(await mayRead(request, id))) return new Response(null, { status: 404 });
  const after = request.headers.get("Last-Event-ID"); // EventSource and followRun() resume with it
  return eventStreamResponse(getEventBus().subscribe(id, { after }), { signal: request.signal });
}

/** Replace it with your own check: a client that passes it can read everything in the run. */
function mayRead(request: Request, _runId: string): Promise<boolean> {
  return Promise.resolve(request.headers.get("Cookie")?.includes("session=") ?? false);
}
