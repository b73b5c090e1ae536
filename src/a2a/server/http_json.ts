import type { Context, Hono } from "hono";
import { Refusal } from "../../adapters/http/responses.ts";
import { httpError } from "../protocol/errors.ts";
import type { Binding } from "./binding.ts";
import { checkVersion, isJsonType, mediaTypeOf, readJsonBody } from "./request.ts";
import { answerWithTask } from "./stream.ts";

/** Gives the app the binding to HTTP: a path for each method, and errors with a status of their own. */
export function addHttpRoutes(app: Hono, binding: Binding): void {
  app.post("/message:send", (c) => answer(c, "SendMessage", () => bodyOf(c)));
  app.post(
    "/message:stream",
    (c) => answer(c, "SendStreamingMessage", () => bodyOf(c)),
  );
  app.get("/tasks", (c) => answer(c, "ListTasks", () => c.req.query()));
  app.get(
    "/extendedAgentCard",
    (c) => answer(c, "GetExtendedAgentCard", () => ({})),
  );
  app.all(
    "/tasks/:id/pushNotificationConfigs/:config?",
    (c) =>
      answer(
        c,
        PUSH[c.req.method] ?? "GetTaskPushNotificationConfig",
        () => ({}),
      ),
  );
  app.on(["GET", "POST"], "/tasks/:name", (c) => {
    const name = c.req.param("name");
    // The verb stands behind the last colon; the ids of ours have none.
    const [, id = name, verb = ""] = /^(.*):([a-z]+)$/i.exec(name) ?? [];
    const method = TASK_METHODS[`${c.req.method} ${verb}`] ??
      `${c.req.method} ${c.req.path}`;
    return answer(c, method, () => ({ ...c.req.query(), id }));
  });

  async function answer(
    c: Context,
    method: string,
    readParams: () => unknown | Promise<unknown>,
  ): Promise<Response> {
    try {
      const principal = await binding.principalOf(c);
      const params = await readParams();
      const asked = { method, rpcId: null, binding: "HTTP+JSON" } as const;
      return await binding.answer(c, principal, asked, () => {
        checkVersion(c);
        return params;
      }, {
        result: (result) => binding.json(c, 200, result, typeOf(c)),
        stream: (stream, options) =>
          answerWithTask(c, stream, { ...options, wrap: (json) => json }),
      });
    } catch (error) {
      return binding.refuse(c, error, httpError);
    }
  }

  function bodyOf(c: Context): Promise<unknown> {
    const mediaType = mediaTypeOf(c);
    if (isJsonType(mediaType)) return readJsonBody(c, binding.maxBodyBytes);
    throw new Refusal(
      415,
      "The body must be sent as application/json or application/a2a+json",
    );
  }
}

const PUSH: Readonly<Record<string, string>> = {
  POST: "CreateTaskPushNotificationConfig",
  DELETE: "DeleteTaskPushNotificationConfig",
};

const TASK_METHODS: Readonly<Record<string, string>> = {
  "GET ": "GetTask",
  "POST cancel": "CancelTask",
  // By GET, too: the EventSource of a browser can do nothing else.
  "POST subscribe": "SubscribeToTask",
  "GET subscribe": "SubscribeToTask",
};

/** The type of the protocol for those who know it; it says the same. */
function typeOf(c: Context): string {
  const isKnown = c.req.header("Accept")?.includes("application/a2a+json") ||
    mediaTypeOf(c) === "application/a2a+json";
  return isKnown ? "application/a2a+json" : "application/json";
}
