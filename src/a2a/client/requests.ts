import { A2AError } from "../protocol/errors.ts";
import { type Method, METHODS, toPath } from "../protocol/methods.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type { AgentInterface } from "../protocol/types.ts";
import { type Binding, toOld } from "../protocol/v03.ts";

/** The parameters of a call. */
export type CallParams = Readonly<Record<string, unknown>>;

/** A request of one of the bindings. */
export interface BoundRequest {
  readonly url: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Whether an interface is of A2A 0.3. */
export function isOld({ protocolVersion }: AgentInterface): boolean {
  return /^0\.3(\.|$)/.test(protocolVersion);
}

/** How much the client wants to speak to an interface: the lower, the more; Infinity if it cannot. */
export function rankOf(at: AgentInterface): number {
  if (at.protocolBinding !== "JSONRPC" && at.protocolBinding !== "HTTP+JSON") return Infinity;
  return isOld(at) ? 2 : /^1\./.test(at.protocolVersion) ? 1 : Infinity;
}

/** What a call is over an interface. */
export function toRequest(at: AgentInterface, method: Method, params: CallParams): BoundRequest {
  const { url, tenant } = at;
  const [verb, , oldName, shape] = METHODS[method];
  const isOf03 = isOld(at);
  if (isOf03 && oldName === null) {
    const text = `A2A 0.3, which the agent speaks, has no ${method}`;
    throw new A2AError("UNSUPPORTED_OPERATION", text);
  }
  const binding = at.protocolBinding as Binding;
  const headers = headersOf(at);
  const said = isOf03 ? toOld(binding, shape!, params) as CallParams : params;
  if (binding === "JSONRPC") {
    const own = tenant && !isOf03 ? { tenant, ...said } : said;
    const name = isOf03 ? oldName : method;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: name, params: own });
    return { url, method: "POST", headers, body };
  }
  const { path, rest } = toPath(method, said, isOf03);
  const root = url.replace(/\/+$/, "") + (tenant ? `/${encodeURIComponent(tenant)}` : "");
  return verb === "GET"
    ? { url: root + path + queryOf(rest), method: verb, headers }
    : { url: root + path, method: verb, headers, body: JSON.stringify(rest) };
}

function headersOf(at: AgentInterface): Record<string, string> {
  return isOld(at)
    ? { "X-A2A-Extensions": RESUME_EXTENSION }
    : { "A2A-Version": "1.0", "A2A-Extensions": RESUME_EXTENSION };
}

function queryOf(params: CallParams): string {
  const known = Object.entries(params).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(known.map(([key, value]) => [key, `${value}`])).toString();
  return query && `?${query}`;
}
