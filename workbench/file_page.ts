/**
 * What only a page needs that shows a file: loaded with it.
 *
 * @module
 */
export { readRunFile } from "../src/workbench/run_file.ts";
export { RunFile } from "./model/run_file.ts";
export { createFileApi } from "./net/file_api.ts";
