/**
 * The workbench: one page on which a person watches runs, as the files that a server hands out.
 *
 * `locus({ workbench: true })` of `@locus/core/hono` serves it. Another server needs three answers: what
 * {@linkcode workbenchAsset} has under the path, with {@linkcode WORKBENCH_HEADERS}; `workbench.json`, made by
 * {@linkcode workbenchConfig}; and the routes that the page reads.
 *
 * {@linkcode runPage} makes one HTML file of runs, which shows them without a server.
 *
 * The page's sources are in the folder `workbench` of the repository; `assets.ts` is generated from them.
 *
 * @module
 */
export { WORKBENCH_HEADERS, workbenchAsset } from "./asset.ts";
export { runPage } from "./run_page.ts";
export type { RunPageOptions } from "./run_page.ts";
export type { WorkbenchAsset } from "./workbench_asset.ts";
export { workbenchConfig } from "./config.ts";
export type {
  WorkbenchConfig,
  WorkbenchModelPrice,
  WorkbenchOptions,
  WorkbenchPrices,
} from "./config.ts";
