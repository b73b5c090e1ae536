/**
 * Runs for the screens of [AG-UI](https://docs.ag-ui.com): {@linkcode toAgUi} makes AG-UI's events of a run's, so that any of its
 * clients shows it. The routes of `@locus/core/hono` serve it at `GET /runs/:run_id/ag-ui`. For the other direction see
 * `@locus/core/bridges/ag-ui`.
 *
 * @module
 */
export { toAgUi, type ToAgUiOptions } from "./ag_ui/to_ag_ui.ts";
export type { AgUiBase, AgUiEvent, AgUiInterrupt, AgUiOutcome, AgUiUsage } from "./ag_ui/events.ts";
