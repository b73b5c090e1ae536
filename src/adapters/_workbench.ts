import type { Context, Hono } from "hono";
import type { WorkbenchConfig } from "../workbench/config.ts";
import { answerError, json } from "./_responses.ts";

/** Adds the files of the workbench to an app, after all other routes. */
export function mountWorkbench(
  app: Hono,
  config: WorkbenchConfig,
  report: (error: unknown) => string,
): void {
  app.get("/", async (c, next) => {
    // The links of the page are relative: it needs the slash.
    if (!c.req.path.endsWith("/")) return c.redirect(`${c.req.path}/`);
    return (await answer(c, "")) ?? await next();
  });
  // Matches the root with its slash, too, where the app is mounted somewhere.
  app.get("/:file{.*}", async (c, next) => (await answer(c, c.req.param("file"))) ?? await next());

  async function answer(c: Context, path: string): Promise<Response | null> {
    try {
      return await answerFile(c, path, config);
    } catch (error) {
      return answerError(c, error, report);
    }
  }
}

/** `path` is below the mount, `""` the page itself. Null if there is no such file. */
async function answerFile(
  c: Context,
  path: string,
  config: WorkbenchConfig,
): Promise<Response | null> {
  if (path === "workbench.json") return json(c, 200, config);
  // Loaded when somebody looks: the page is large.
  const { workbenchAsset, WORKBENCH_HEADERS } = await import("../workbench/asset.ts");
  const asset = workbenchAsset(path);
  if (asset === null) return null;
  const { body, contentType, etag } = asset;
  const headers = { ...WORKBENCH_HEADERS, ETag: etag };
  if (c.req.header("If-None-Match") === etag) return c.body(null, 304, headers);
  return c.body(body, 200, { ...headers, "Content-Type": contentType });
}
