import type { Shape } from "./shapes.ts";

/** The methods of the protocol: what both bindings and both versions make of them, on both sides. */

/** A method, by its name in A2A 1.0. */
export type Method = keyof typeof METHODS;

/** How it is asked for over HTTP+JSON, with `{id}` for what is in the path, and in A2A 0.3; what it takes and answers, if it is served. */
type Row = readonly [
  verb: "GET" | "POST" | "DELETE",
  path: string,
  oldName: string | null,
  request: Shape | null,
  answer: Shape | null,
];

const PUSH = "/tasks/{id}/pushNotificationConfigs";
const ONE = `${PUSH}/{configId}`;
const OLD = "tasks/pushNotificationConfig/";

/** One row each. */
export const METHODS = {
  SendMessage: ["POST", "/message:send", "message/send", "Send", "Sent"],
  SendStreamingMessage: ["POST", "/message:stream", "message/stream", "Send", "Frame"],
  ListTasks: ["GET", "/tasks", null, "List", "TaskList"],
  CancelTask: ["POST", "/tasks/{id}:cancel", "tasks/cancel", "ById", "Task"],
  SubscribeToTask: ["POST", "/tasks/{id}:subscribe", "tasks/resubscribe", "ById", "Frame"],
  GetTask: ["GET", "/tasks/{id}", "tasks/get", "ById", "Task"],
  CreateTaskPushNotificationConfig: ["POST", PUSH, `${OLD}set`, null, null],
  GetTaskPushNotificationConfig: ["GET", ONE, `${OLD}get`, null, null],
  ListTaskPushNotificationConfigs: ["GET", PUSH, `${OLD}list`, null, null],
  DeleteTaskPushNotificationConfig: ["DELETE", ONE, `${OLD}delete`, null, null],
  GetExtendedAgentCard: [
    "GET",
    "/extendedAgentCard",
    "agent/getAuthenticatedExtendedCard",
    null,
    null,
  ],
} as const satisfies Record<string, Row>;

/** Whether `name` is a method of A2A 1.0. */
export function isMethod(name: string): name is Method {
  return Object.hasOwn(METHODS, name);
}

/** The method that A2A 0.3 calls so; undefined if there is none. */
export function methodOf(oldName: string): Method | undefined {
  return NAMES.find((name) => METHODS[name][2] === oldName);
}

/** The path of a method, and the parameters that are not in it. */
export function toPath(
  method: Method,
  params: Readonly<Record<string, unknown>>,
  isOld: boolean,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...params };
  const path = pathOf(method, isOld).replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = `${rest[key]}`;
    delete rest[key];
    return encodeURIComponent(value);
  });
  return { path, rest };
}

/**
 * The method of a request of HTTP+JSON, and the parameters that are in its path; null if it is of none. A request of 0.3 that has
 * a path of 1.0 has its method, too: it is refused by its version.
 */
export function matchPath(
  verb: string,
  path: string,
  isOld: boolean,
): { method: Method; isOld: boolean; params: Record<string, string> } | null {
  for (const one of PATTERNS) {
    const found = one.isOld && !isOld ? null : one.pattern.exec(path);
    // By GET, too: the `EventSource` of a browser can do nothing else.
    const { method } = one;
    const isFit = METHODS[method][0] === verb || (method === "SubscribeToTask" && verb === "GET");
    if (found === null || !isFit) continue;
    const { tenant, ...params } = found.groups as Record<string, string>;
    return {
      ...one,
      params: tenant === undefined ? params : { ...params, tenant },
    };
  }
  return null;
}

const NAMES = Object.keys(METHODS) as Method[];

function pathOf(method: Method, isOld: boolean): string {
  if (!isOld) return METHODS[method][1];
  return method === "GetExtendedAgentCard" ? "/v1/card" : `/v1${METHODS[method][1]}`;
}

// The tenant stands in front, and "v1" would be one. The verb stands behind the last colon; the ids of ours have none.
const PATTERNS = [true, false].flatMap((isOld) =>
  NAMES.filter((method) => !isOld || METHODS[method][2] !== null).map((method) => {
    const path = pathOf(method, isOld).replace(/\{(\w+)\}/g, "(?<$1>[^/]+?)");
    return { method, isOld, pattern: new RegExp(`^(?:/(?<tenant>[^/]+))?${path}$`) };
  })
);
