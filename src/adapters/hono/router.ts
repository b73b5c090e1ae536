import type { Context, Hono } from "hono";
import { answerError, json } from "../http/responses.ts";

/** Answers a request. What it throws is answered, too. */
export type Answer = (c: Context) => Response | Promise<Response>;

/** What a path answers, by method. */
export interface Answers {
  /** Answers HEAD as well. */
  GET?: Answer | null;
  POST?: Answer | null;
}

/** Adds a path to an app; other methods than those that are answered are refused. */
export function addRoute(
  app: Hono,
  path: string,
  answers: Answers,
  report: (error: unknown) => string,
): void {
  const allowed: string[] = [];
  for (const method of ["GET", "POST"] as const) {
    const answer = answers[method];
    if (!answer) continue;
    allowed.push(...method === "GET" ? ["GET", "HEAD"] : [method]);
    app.on(method, path, async (c) => {
      try {
        return await answer(c);
      } catch (error) {
        return answerError(c, error, report);
      }
    });
  }
  const last = allowed.pop();
  const names = allowed.length === 0 ? last : `${allowed.join(", ")} and ${last}`;
  const verb = allowed.length === 0 ? "is" : "are";
  app.all(path, (c) =>
    json(c, 405, { error: `Only ${names} ${verb} answered here` }, {
      Allow: [...allowed, last].join(", "),
    }));
}
