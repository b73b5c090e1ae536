import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { deadLinks } from "../../../docs/site/links.ts";
import { addressOf, allPages, llmsTxt, sidebar } from "../../../docs/site/pages.ts";
import { filesUnder } from "../run/paths.ts";

const toSource = (file: string) => `https://example.com/${file}`;
const pages = allPages(toSource);
const groups = sidebar(pages, toSource);

test("every page of docs is in the sidebar, by the table of README.md", () => {
  const linked = groups.flatMap(({ items }) => items.map(({ link }) => link.split("#")[0]));
  const addresses = filesUnder("docs", ".md").map(addressOf);
  assertEquals(addresses.filter((address) => !linked.includes(address)), []);
});

test("every page is in llms.txt, once, with one line about it", () => {
  const lines = llmsTxt(pages, groups, "/locus/").split("\n");
  const listed = lines.flatMap((line) => /^- \[.+?\]\(\/locus(.+?)\): \S/.exec(line)?.[1] ?? []);
  assertEquals(listed.sort(), pages.map(({ address }) => address).sort());
});

test("links of pages lead to pages, and those to other files to the repository; code stays", () => {
  const { markdown } = pages.find(({ address }) => address === "/bridges/langchain.md")!;
  assertEquals(markdown.includes("](/examples/11_langgraph.md)"), true);
  assertEquals(pages.filter((page) => /\]\(\.\.?\//.test(page.markdown)), []);
});

test("a link to no file or to no place in one is dead", () => {
  const link = (to: string) => `<a href="${to}">`;
  const files = new Map([
    ["index.html", link("guide/a.html#b") + link("/x/") + link("https://example.com")],
    ["guide/a.html", `<h2 id="b">` + link("#c") + link("/x/picture.png") + link("/index.html")],
  ]);
  assertEquals(deadLinks(files, "/x/"), [
    "guide/a.html: #c",
    "guide/a.html: /x/picture.png",
    "guide/a.html: /index.html",
  ]);
});
