import type { Context } from "hono";
import type { Principal } from "./access.ts";

/** Adds a route that only a principal is answered on. */
export type AddRoute = (
  method: "GET" | "POST" | "DELETE",
  path: string,
  answer: (c: Context, principal: Principal) => Response | Promise<Response>,
) => void;
