/**
 * The workbench begins here.
 *
 * @module
 */
import { App } from "./app.ts";
import { createApi } from "./net/api.ts";

// The routes of Locus lie beside this script, wherever the page was mounted.
const app = new App(createApi(new URL("./", import.meta.url)));
document.body.append(...app.elements);
void app.start();
