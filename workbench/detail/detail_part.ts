/**
 * What the page needs once a run was drawn: the detail of what is selected, and the phrases of events.
 *
 * @module
 */
export { eventWords } from "../../src/view/event_words.ts";
export { detailOfEvent, detailOfRow } from "./detail_of.ts";
export { detailOfRun } from "./detail_of_run.ts";
export { createForm } from "./shown_view.ts";
