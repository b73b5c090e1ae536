import type { Context, Hono } from "hono";
import type { WorkbenchConfig } from "../../workbench/config.ts";
import { matchesEtag } from "../http/etag.ts";
import { answerError, json } from "../http/responses.ts";

/** Adds the files of the workbench to an app, after all other routes. */
export function mountWorkbench(
  app: Hono,
  config: WorkbenchConfig,
  report: (error: unknown) => string,
): void {
  app.get("/", async (c, next) => {
    // The links of the page are relative: it needs the slash.
    const folder = folderOf(c.req.url);
    if (folder !== null) return c.redirect(folder);
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

/**
 * The address with a slash behind its path, or null if it has one. It is relative to the address, so it leaves
 * neither the host nor a prefix that a proxy took away, whatever the path is made of.
 */
function folderOf(url: string): string | null {
  const [address = ""] = url.split("#", 1);
  const [path = ""] = address.split("?", 1);
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  if (name === "") return null;
  // What is encoded already stays as it is. Without the dot, a colon would make a scheme of what precedes it.
  return encodeURI(`./${name}/${address.slice(path.length)}`).replaceAll("%25", "%");
}

/** `path` is below the mount, `""` the page itself. Null if there is no such file. */
async function answerFile(
  c: Context,
  path: string,
  config: WorkbenchConfig,
): Promise<Response | null> {
  if (path === "workbench.json") return json(c, 200, config);
  // What is large is loaded at the first request for it.
  if (path === "run.html") return answerRunPage(c);
  const { workbenchAsset, WORKBENCH_HEADERS } = await import("../../workbench/asset.ts");
  const asset = workbenchAsset(path);
  if (asset === null) return null;
  const { body, contentType, etag } = asset;
  const headers = { ...WORKBENCH_HEADERS, ETag: etag };
  if (matchesEtag(c.req.header("If-None-Match"), etag)) return c.body(null, 304, headers);
  return c.body(body, 200, { ...headers, "Content-Type": contentType });
}

/** The page that a download fills with its run; it shows nothing by itself. */
async function answerRunPage(c: Context): Promise<Response> {
  const [{ page }, { WORKBENCH_HEADERS }] = await Promise.all([
    import("../../workbench/run_page_asset.ts"),
    import("../../workbench/asset.ts"),
  ]);
  return c.body(page, 200, { ...WORKBENCH_HEADERS, "Content-Type": "text/plain; charset=utf-8" });
}
