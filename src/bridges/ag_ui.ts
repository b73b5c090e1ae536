/**
 * Agents that speak [AG-UI](https://docs.ag-ui.com), as runs of Locus: {@linkcode locusSubscriber} records what AG-UI's own client
 * is told, {@linkcode fromAgUi} any other stream of its events. For the other direction see `@locus/core/ag-ui`.
 *
 * @module
 */
export {
  type AgUiSubscriber,
  fromAgUi,
  type FromAgUiOptions,
  locusSubscriber,
} from "./ag_ui/from_ag_ui.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
