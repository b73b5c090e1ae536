import type { AgentInterface } from "../protocol/types.ts";

/** The methods that the client calls. */
export type Method =
  | "SendMessage"
  | "SendStreamingMessage"
  | "GetTask"
  | "ListTasks"
  | "CancelTask"
  | "SubscribeToTask";

/** The parameters of a call. */
export type CallParams = Readonly<Record<string, unknown>>;

/** A request of one of the bindings. */
export interface BoundRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly body?: string;
}

/** Whether the client can speak to an interface. */
export function isSpoken(
  { protocolBinding, protocolVersion }: AgentInterface,
): boolean {
  return /^1\./.test(protocolVersion) &&
    (protocolBinding === "JSONRPC" || protocolBinding === "HTTP+JSON");
}

/** What a call is over an interface. */
export function toRequest(
  { url, protocolBinding, tenant }: AgentInterface,
  method: Method,
  params: CallParams,
): BoundRequest {
  const base = url.replace(/\/+$/, "");
  if (protocolBinding === "JSONRPC") {
    const own = tenant ? { tenant, ...params } : params;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: own });
    return { url, method: "POST", body };
  }
  const root = tenant ? `${base}/${encodeURIComponent(tenant)}` : base;
  const { id, ...rest } = params;
  const task = `${root}/tasks/${encodeURIComponent(`${id}`)}`;
  switch (method) {
    case "SendMessage":
      return {
        url: `${root}/message:send`,
        method: "POST",
        body: JSON.stringify(params),
      };
    case "SendStreamingMessage":
      return {
        url: `${root}/message:stream`,
        method: "POST",
        body: JSON.stringify(params),
      };
    case "GetTask":
      return { url: task + queryOf(rest), method: "GET" };
    case "ListTasks":
      return { url: `${root}/tasks${queryOf(params)}`, method: "GET" };
    case "CancelTask":
      return {
        url: `${task}:cancel`,
        method: "POST",
        body: JSON.stringify(rest),
      };
    case "SubscribeToTask":
      return { url: `${task}:subscribe`, method: "POST" };
  }
}

function queryOf(params: CallParams): string {
  const known = Object.entries(params).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(
    known.map(([key, value]) => [key, `${value}`]),
  ).toString();
  return query && `?${query}`;
}
