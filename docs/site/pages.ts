/**
 * The pages of the site: what each is made from, where it is, and how it is found.
 *
 * The sources stay as GitHub shows them; whatever the site needs besides is added to copies.
 *
 * @module
 */
import { posix } from "node:path";
import { exists, filesUnder, root } from "../../tests/harness/run/paths.ts";

/** One page. Its address is the `.md` of its text; the site has an `.html` beside it. */
export interface Page {
  address: string;
  title: string;
  /** One line: what the page is about. */
  summary: string;
  markdown: string;
}

/** A group of the sidebar. */
export interface Group {
  text: string;
  items: { text: string; link: string }[];
  collapsed: boolean;
}

/** Where files that have no page are shown: a repository on GitHub, or `/source` of the site. */
export type LinkToSource = (file: string) => string;

/** Every page, the first one of them README.md, with its links as the site needs them. */
export function allPages(toSource: LinkToSource): Page[] {
  const files = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  const documents = [...files, "bench/RESULTS.md", ...filesUnder("docs", ".md")].map((file) =>
    page(addressOf(file)!, withLinks(read(file), file, toSource))
  );
  const examples = [...Deno.readDirSync(`${root}examples`)].map(({ name }) => name).sort()
    .filter((name) => addressOf(`examples/${name}`)).map(examplePage);
  const list = examples.map(({ title, address, summary }) =>
    `- [${title}](${address}): ${summary}`
  );
  const index = "# Examples\n\nPrograms that run as they are, tested on Deno and on Bun.\n\n";
  return [
    ...documents,
    page("/examples/index.md", `${index}${list.join("\n")}\n`),
    ...examples,
    page("/reference.md", reference()),
  ];
}

/** The entry points, with links to what `deno doc` has made of them. */
function reference(): string {
  const { name, exports } = JSON.parse(read("deno.json"));
  const rows = Object.entries<string>(exports).map(([entry, file]) => {
    const link = `api${entry.slice(1)}/index.html`;
    const about = firstParagraph(comment(file));
    return `- <a href="${link}" target="_self">${name}${entry.slice(1)}</a>: ${about}\n`;
  });
  return `# API reference\n\nEvery entry point, with all that it exports.\n\n${rows.join("")}`;
}

/** The sidebar: the table "Docs" of README.md, the examples, the reference. */
export function sidebar(pages: readonly Page[], toSource: LinkToSource): Group[] {
  const [, table = ""] = read("README.md").split("\n## Docs\n");
  const groups = [...table.matchAll(/^\| (\w+) \| (.+) \|$/gm)].map(([, text = "", cell = ""]) => ({
    text,
    collapsed: false,
    items: [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = "", to = ""]) => ({
      text: (name[0]!.toUpperCase() + name.slice(1)).replaceAll("`", ""),
      link: siteLink("README.md", to, toSource),
    })),
  }));
  const examples = pages.filter(({ address }) => /^\/examples\/(?!index)/.test(address));
  groups.push({
    text: "Examples",
    collapsed: true,
    items: examples.map(({ title, address }) => ({ text: title, link: address })),
  });
  groups.push({
    text: "Reference",
    collapsed: false,
    items: [{ text: "API reference", link: "/reference.md" }],
  });
  return groups;
}

/** `llms.txt`: every page with one line, in the order of the sidebar, each once. */
export function llmsTxt(pages: readonly Page[], groups: readonly Group[], base = "/"): string {
  const left = new Map(pages.map((page) => [page.address, page]));
  const section = (title: string, links: Iterable<string>) => {
    const lines = [...links].flatMap((link) => {
      const page = left.get(link.split("#")[0]!);
      if (!page || !left.delete(page.address)) return [];
      return [`- [${page.title}](${base}${page.address.slice(1)}): ${page.summary}\n`];
    });
    return lines.length > 0 ? `\n## ${title}\n\n${lines.join("")}` : "";
  };
  const sections = groups.map(({ text, items }) => section(text, items.map(({ link }) => link)));
  return `# Locus\n\n> ${pages[0]!.summary}\n${sections.join("")}` + section("More", left.keys());
}

/** Where a file of the repository is on the site; undefined if the site does not have it. */
export function addressOf(file: string): string | undefined {
  if (file === "README.md") return "/index.md";
  if (file === "bench/RESULTS.md") return "/project/benchmarks.md";
  if (/^[A-Z]+\.md$/.test(file)) return `/project/${file.toLowerCase()}`;
  if (/^docs\/.*\.(md|json|png|svg)$/.test(file)) {
    return file.slice("docs".length).replace(/README\.md$/, "index.md");
  }
  const [folder, name] = file.split("/");
  if (folder !== "examples" || /^(support|skills|deno\.json)$/.test(name ?? "")) return;
  return `/examples/${name?.replace(/\.ts$/, "") || "index"}.md`;
}

function siteLink(from: string, to: string, toSource: LinkToSource): string {
  if (/^(\w+:|#)/.test(to)) return to;
  const [path = "", hash] = to.split("#");
  const file = posix.join(posix.dirname(from), path).replace(/\/$/, "");
  if (!exists(file)) throw new Error(`${from} links to ${to}, which does not exist`);
  return (addressOf(file) ?? toSource(file)) + (hash ? `#${hash}` : "");
}

/** Code is left as it is: what looks like a link there is none. */
function withLinks(markdown: string, file: string, toSource: LinkToSource): string {
  return markdown.split(/(^```[^]*?^```$|`[^`\n]*`)/m).map((piece, index) =>
    index % 2 === 1 ? piece : piece.replace(
      /\]\(([^)\s]+)\)/g,
      (_, to: string) => `](${siteLink(file, to, toSource)})`,
    )
  ).join("");
}

function examplePage(name: string): Page {
  const address = addressOf(`examples/${name}`)!;
  const files = /\.\w+$/.test(name) ? [`examples/${name}`] : filesUnder(`examples/${name}`, "");
  const code = files.map((file) =>
    `**${file}**\n\n\`\`\`${posix.extname(file).slice(1)}\n${read(file).trim()}\n\`\`\`\n`
  );
  const names = files.map((file) => `\`${posix.relative(`examples/${name}`, file)}\``);
  const about = files.length > 1 ? `Several files: ${names.join(", ")}.` : comment(files[0]!);
  return page(address, `# ${posix.basename(address, ".md")}\n\n${about}\n\n${code.join("\n")}`);
}

/** What the program or module in a file says of itself. */
function comment(file: string): string {
  const [, text = ""] = /^\/\*\*([^]*?)\*\//.exec(read(file)) ?? [];
  return text.replace(/^ *\* ?/gm, "").replace(/\{@link(?:code)? (\S+?)\}/g, "`$1`").trim();
}

function firstParagraph(markdown: string): string | undefined {
  const blocks = markdown.replace(/<!--[^]*?-->/g, "").split(/\n\s*\n/);
  const block = blocks.find((block) => /^[\w`*[]/.test(block.trim()));
  const text = block?.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replaceAll("**", "");
  return text?.replace(/\s+/g, " ").trim().replace(/:$/, ".");
}

function page(address: string, markdown: string): Page {
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? address;
  return { address, title, summary: firstParagraph(markdown) ?? title, markdown };
}

function read(file: string): string {
  return Deno.readTextFileSync(root + file);
}
