/**
 * What stands for the server in a page that holds its run in itself.
 *
 * @module
 */
import type { RunFile } from "../model/run_file.ts";
import type { Api } from "./api.ts";

/** Nothing is asked for over the network. */
export function createFileApi(file: RunFile): Api {
  const none = () => Promise.reject(new Error("this page is a file"));
  return {
    file,
    url: (path) => new URL(path, document.baseURI),
    config: () => Promise.resolve({ prices: null, resume: false }),
    runs: () => Promise.resolve(null),
    search: () => Promise.resolve(null),
    history: none,
    catalogue: () =>
      Promise.resolve(JSON.parse(document.getElementById("catalogue")?.textContent ?? "{}")),
    runPage: none,
    answer: none,
  };
}
