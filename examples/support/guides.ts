import { readdir, readFile } from "node:fs/promises";

/** The guides of this repository, as sources to index. */
export async function guides() {
  const folder = new URL("../../docs/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md"));
  return await Promise.all(names.map(async (name) => (
    {
      id: name,
      text: await readFile(new URL(name, folder), "utf8"),
      uri: `docs/${name}`,
    }
  )));
}
