/**
 * The workbench begins here.
 *
 * @module
 */
import { App } from "./app.ts";
import { createApi } from "./net/api.ts";

// The routes of Locus lie beside this script, wherever the page was mounted. A page that is a file holds its events.
const text = document.getElementById("events")?.textContent;
const app = new App(
  text === undefined ? createApi(new URL("./", import.meta.url)) : await openFile(text),
);
document.body.append(...app.elements);
void app.start();

async function openFile(text: string) {
  const { createFileApi, readRunFile, RunFile } = await import("./file_page.ts");
  return createFileApi(new RunFile(readRunFile(text)));
}
