/**
 * The workbench begins here.
 *
 * @module
 */
import { readRunFile } from "../src/workbench/run_file.ts";
import { App } from "./app.ts";
import { createApi } from "./net/api.ts";
import { createFileApi } from "./net/file_api.ts";

const file = document.getElementById("events")?.textContent;
const app = new App(
  file === undefined
    // The routes of Locus lie beside this script, wherever the page was mounted.
    ? createApi(new URL("./", import.meta.url))
    : createFileApi(readRunFile(file)),
);
document.body.append(...app.elements);
void app.start();
