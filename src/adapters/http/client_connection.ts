import type { Context } from "hono";
import { disconnectSignal } from "../../runtime/disconnect_signal.ts";
import { isNode } from "../../runtime/is_node.ts";
import type { NodeResponse } from "../../sse/node_response.ts";
import type { StreamSettings } from "../../sse/stream_options.ts";
import { NodeTakeOver } from "../../sse/take_over.ts";

/**
 * How a stream learns that its client has left: on Node by the response, which it is written to as well, else by the signal of
 * the request.
 */
export function clientOf(c: Context): Pick<StreamSettings, "signal" | "takeOver"> {
  const nodeResponse = isNode() ? nodeResponseOf(c.env) : undefined;
  if (nodeResponse !== undefined) {
    return { signal: undefined, takeOver: new NodeTakeOver(nodeResponse) };
  }
  return { signal: disconnectSignal(c.req.raw) };
}

/** What `@hono/node-server` adds to a request, by itself or under `server`. */
interface NodeBindings {
  outgoing?: NodeResponse & { req?: { httpVersionMajor?: number } };
}

/** A response of HTTP/2 writes to a stream among others, which is Node's to frame. */
function nodeResponseOf(
  env: NodeBindings & { server?: NodeBindings } | undefined,
): NodeResponse | undefined {
  const outgoing = (env?.server ?? env)?.outgoing;
  return outgoing?.req?.httpVersionMajor === 1 ? outgoing : undefined;
}
