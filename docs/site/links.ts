/**
 * Looks for links of a built site that lead nowhere: to no file, or to no such place in it.
 *
 * @module
 */
import { posix } from "node:path";

/** The dead links of all pages, one line each. `files` has the text of every page, null for others. */
export function deadLinks(files: ReadonlyMap<string, string | null>, base: string): string[] {
  const ids = new Map<string, Set<string>>();
  const idsOf = (file: string) => {
    const known = ids.get(file) ?? new Set(attributes(files.get(file) ?? "", "id|name"));
    ids.set(file, known);
    return known;
  };
  const dead = [];
  for (const [file, html] of files) {
    for (const link of new Set(attributes(html ?? "", "href|src"))) {
      if (/^([\w-]+:|\/\/)/.test(link)) continue;
      const url = new URL(link, `http://site${base}${file}`);
      const path = decodeURI(url.pathname).replace(/\/$/, "/index.html");
      const target = path.startsWith(base) ? path.slice(base.length) : "..";
      const id = decodeURIComponent(url.hash.slice(1));
      const found = [target, posix.join(target, "index.html")].find((name) => files.has(name));
      if (!found || id && files.get(found) && !idsOf(found).has(id)) dead.push(`${file}: ${link}`);
    }
  }
  return dead;
}

function attributes(html: string, names: string): string[] {
  return [...html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&#x2F;", "/").replaceAll("&quot;", '"').replaceAll("&amp;", "&")
  );
}
