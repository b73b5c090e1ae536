import { assets } from "./assets.ts";
import type { WorkbenchAsset } from "./workbench_asset.ts";

/**
 * Finds a file of the workbench by its path below the mount: `""` is the page itself.
 *
 * - The page asks for its files, and for the routes of Locus, beside itself: it has to be served under a path
 *   that ends with a slash.
 * - Send {@linkcode WORKBENCH_HEADERS} with every file. They let the page load only its own files and
 *   connect only to its own server.
 *
 * @returns The file, or null if there is none of that name.
 *
 * @example Serve the page
 * ```ts
 * import { WORKBENCH_HEADERS, workbenchAsset } from "@locus/core/workbench";
 * import { assert, assertEquals } from "@std/assert";
 *
 * function answer(path: string): Response {
 *   const asset = workbenchAsset(path);
 *   if (asset === null) return new Response("Not found", { status: 404 });
 *   const { body, contentType, etag } = asset;
 *   return new Response(body, {
 *     headers: { ...WORKBENCH_HEADERS, "Content-Type": contentType, "ETag": etag },
 *   });
 * }
 *
 * assert((await answer("").text()).includes("workbench.js"));
 * assertEquals(answer("secrets.txt").status, 404);
 * ```
 */
export function workbenchAsset(path: string): WorkbenchAsset | null {
  return assets.get(path) ?? null;
}

/** What to send with every file of the workbench. */
export const WORKBENCH_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  // It is asked for again each time, and answered 304 while it is the same.
  "Cache-Control": "no-cache",
};
