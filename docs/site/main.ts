/**
 * Builds the site of the documentation into `.site/dist`, which any server of files can serve.
 *
 * ```sh
 * deno task docs                  # to be served from the root of its host
 * deno task docs --base=/locus/   # from a folder
 * ```
 *
 * VitePress is installed into `.site`, so that nobody else who works on the repository has to have it. Links to files
 * that have no page lead to the repository that `LOCUS_REPOSITORY` names, else to copies in the site.
 *
 * @module
 */
import { dirname } from "node:path";
import { filesUnder, root } from "../../tests/harness/run/paths.ts";
import { renderLiveRun } from "./live_run.ts";
import { deadLinks } from "./links.ts";
import { addressOf, allPages, type Group, llmsTxt, type Page, sidebar } from "./pages.ts";

const GENERATOR = { vitepress: "1.6.4", vue: "3.5.22" };
const OUT = `${root}.site`;

if (import.meta.main) {
  const base = Deno.args.find((arg) => arg.startsWith("--base="))?.slice("--base=".length) ?? "/";
  if (!/^\/(.*\/)?$/.test(base)) throw new Error(`--base begins and ends with "/", got "${base}"`);
  await build(base);
}

async function build(base: string): Promise<void> {
  for (const folder of ["pages", "dist"]) {
    await Deno.remove(`${OUT}/${folder}`, { recursive: true }).catch(() => {});
  }
  const pages = allPages(toSource);
  const groups = sidebar(pages, toSource);
  for (const { address, markdown } of pages) write(`pages${address}`, markdown);
  write("pages/index.md", home(pages[0]!, groups, base));
  for (const file of filesUnder("docs", "")) {
    if (/\.(json|png|svg)$/.test(file)) copy(file, `pages/public${addressOf(file)}`);
  }
  write("pages/public/live.html", await renderLiveRun());
  copy("docs/site/config.ts", "pages/.vitepress/config.ts");
  // VitePress puts the base before links to pages only.
  const withBase = (link: string) => link.replace(/^\/(?!.*\.md\b)/, base);
  const shown = groups.map(({ items, ...group }) => ({
    ...group,
    items: items.map(({ text, link }) => ({ text, link: withBase(link) })),
  }));
  write("site.json", JSON.stringify({ base, sidebar: shown }));
  write("deno.json", JSON.stringify({ nodeModulesDir: "auto", lock: false }));
  write("package.json", JSON.stringify({ type: "module", dependencies: GENERATOR }));
  await deno(OUT, "install", "--quiet");
  await deno(OUT, "run", "-A", "npm:vitepress", "build", "pages");

  await reference(base);
  for (const { address, markdown } of pages) {
    write(`dist${address}`, markdown.replaceAll("](/", `](${base}`));
  }
  write("dist/llms.txt", llmsTxt(pages, groups, base));
  write("dist/llms-full.txt", pages.map(({ markdown }) => markdown.trim()).join("\n\n---\n\n"));

  const files = new Map(
    filesUnder(".site/dist", "").map((file) => {
      // What `deno doc` makes is led to, but not looked at: its links of dotted names are dead.
      const isPage = file.endsWith(".html") && !file.startsWith(".site/dist/api/");
      const text = isPage ? Deno.readTextFileSync(root + file) : null;
      return [file.slice(".site/dist/".length), text];
    }),
  );
  const dead = deadLinks(files, base);
  for (const link of dead) console.error(`dead link in ${link}`);
  if (dead.length > 0) Deno.exit(1);
  console.log(`${pages.length} pages and the API reference, without a dead link: .site/dist`);
}

/** What `deno doc` makes, with a way back, imports as users write them, and code that fits on a phone. */
async function reference(base: string): Promise<void> {
  const { name, exports } = JSON.parse(Deno.readTextFileSync(`${root}deno.json`));
  const files = Object.values<string>(exports);
  await deno(root, "doc", "--html", `--name=${name}`, `--output=${OUT}/dist/api`, ...files);
  const style = "<style>.ddoc :is(div,main){min-width:0}@media(max-width:640px)" +
    "{#topnav,#topnav>div{flex-wrap:wrap;height:auto}#searchbar{width:100%}}</style>";
  for (const file of filesUnder(".site/dist/api", ".html")) {
    const html = Deno.readTextFileSync(root + file)
      .replace("</head>", `${style}</head>`)
      .replace(
        '<ul class="breadcrumbs">',
        `<a href="${base}reference.html">Docs</a> &ensp;/&ensp;$&`,
      )
      .replace(/ from &quot;([\w./-]+)&quot;/g, (all, module) => {
        const entry = module === "." ? "." : `./${module}`;
        return entry in exports ? ` from &quot;${name}${entry.slice(1)}&quot;` : all;
      });
    Deno.writeTextFileSync(root + file, html);
  }
}

/** README.md with a beginning that leads to what a reader came for. */
function home({ markdown, summary }: Page, groups: readonly Group[], base: string): string {
  const features = groups.filter(({ text }) => !/Project|Examples|Reference/.test(text)).map(
    (group) => {
      const links = group.items.map(({ text, link }) =>
        `<a href="${base}${link.slice(1).replace(/\.md\b/, ".html")}">${text}</a>`
      );
      return { title: group.text, details: links.join(" · ") };
    },
  );
  const actions = [
    { text: "Quickstart", link: "/quickstart", theme: "brand" },
    { text: "Which one am I?", link: "/bridges/", theme: "alt" },
    // A file, and no page of the site's own program.
    { text: "See a run", link: "/live.html", theme: "alt", target: "_self" },
  ];
  const matter = { layout: "home", hero: { name: "Locus", text: summary, actions }, features };
  const body = markdown.replace(/^# .+\n+\*\*.+\*\*\n/, "");
  return `---\n${JSON.stringify(matter)}\n---\n${body}`;
}

/** To the repository if it is known; else to a copy of the file, as text. */
function toSource(file: string): string {
  const repository = Deno.env.get("LOCUS_REPOSITORY");
  if (repository) return `${repository}/blob/HEAD/${file}`;
  copy(file, `pages/public/source/${file}.txt`);
  return `/source/${file}.txt`;
}

async function deno(cwd: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { cwd, args })
    .output();
  if (success) return;
  for (const output of [stdout, stderr]) await Deno.stderr.write(output);
  throw new Error(`deno ${args.slice(0, 4).join(" ")} failed`);
}

function write(path: string, content: string | Uint8Array): void {
  Deno.mkdirSync(dirname(`${OUT}/${path}`), { recursive: true });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  Deno.writeFileSync(`${OUT}/${path}`, bytes);
}

function copy(file: string, path: string): void {
  write(path, Deno.readFileSync(root + file));
}
