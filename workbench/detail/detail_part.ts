/**
 * What the detail needs once something is selected.
 *
 * @module
 */
export { detailOfEvent, detailOfRow } from "./detail_of.ts";
export { createForm } from "./shown_view.ts";
