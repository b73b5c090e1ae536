/**
 * The configuration of VitePress, which reads it from beside the pages that it is copied to.
 *
 * @module
 */

interface MarkdownIt {
  renderer: { rules: Record<string, (tokens: { content: string }[], index: number) => string> };
  utils: { escapeHtml(text: string): string };
}

const { base, sidebar } = JSON.parse(Deno.readTextFileSync("site.json"));
// The blue of the workbench, and room for 100 columns of code.
const style = `
html:root { --vp-c-brand-1: #0b57d0; --vp-c-brand-2: #1a66dd; --vp-c-brand-3: #0b57d0; --vp-code-font-size: 13px }
html.dark { --vp-c-brand-1: #8ab4f8; --vp-c-brand-2: #a3c4fa; --vp-c-brand-3: #2f6fdc }
html .VPDoc.has-aside .content-container.content-container { max-width: 840px }
html .VPHero .text.text { max-width: 800px; font-size: clamp(28px, 4vw, 40px); line-height: 1.2 }
html .vp-doc :is(td, th) { vertical-align: top }
html .VPFeature a { color: var(--vp-c-brand-1) }
html .VPHome .vp-doc { margin-top: 40px }`;

export default {
  title: "Locus",
  description: "A live, replayable event stream of everything your AI agent does.",
  base,
  ignoreDeadLinks: "localhostLinks",
  outDir: "../dist",
  head: [["link", { rel: "icon", href: "data:," }], ["style", {}, style]],
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Quickstart", link: "/quickstart" },
      { text: "Which one am I?", link: "/bridges/" },
      { text: "Examples", link: "/examples/" },
      { text: "API reference", link: "/reference" },
    ],
    sidebar,
  },
  markdown: {
    // Headings get the anchors that GitHub gives them.
    anchor: {
      slugify: (text: string) =>
        text.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-"),
    },
    config(md: MarkdownIt) {
      // Pages are templates of Vue there; in ours, braces and unknown tags are text.
      md.renderer.rules.text = (tokens, index) =>
        md.utils.escapeHtml(tokens[index]!.content).replaceAll("{{", "&#123;&#123;");
      // Names in code may break where they have a joint, so that tables stay narrow.
      md.renderer.rules.code_inline = (tokens, index) => {
        const code = md.utils.escapeHtml(tokens[index]!.content).replace(/[(.](?=\w)/g, "$&<wbr>");
        return `<code v-pre>${code}</code>`;
      };
      md.renderer.rules.html_inline = (tokens, index) => {
        const { content } = tokens[index]!;
        return /^<(!--|\/?(a|br|kbd|sub|sup)\b)/.test(content)
          ? content
          : md.utils.escapeHtml(content);
      };
    },
  },
};
