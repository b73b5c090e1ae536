/**
 * Reads what the demo's tools returned.
 *
 * @module
 */

/** A tool's result, as the planner sees it. */
interface Result {
  readonly text: string;
  readonly failed: boolean;
}

/** Its first line, which sums it up. */
export function summaryOf(result: Result | undefined): string {
  if (result === undefined || result.failed) return "(could not be read)";
  return result.text.split("\n", 1)[0]!;
}

/** The files of a `count_lines` result, the largest first. */
export function sizesOf(result: Result | undefined): { path: string; lines: number }[] {
  return [...(result?.text ?? "").matchAll(/^(\d+) {2}(\S+)$/gm)]
    .map(([, lines, path]) => ({ path: path!, lines: Number(lines) }));
}

/** The places of a `search` result. */
export function matchesOf(result: Result): { path: string; line: number; text: string }[] {
  return [...result.text.matchAll(/^([^\s:]+):(\d+): (.*)$/gm)]
    .map(([, path, line, text]) => ({
      path: path!,
      line: Number(line),
      text: text!.replace(/^[/*\s-]+/, ""),
    }));
}

/** The names that a module exports. */
export function exportsOf(text: string): string[] {
  const names = text.matchAll(/^export (?:default )?(?:async )?\w+\*? (\w+)/gm);
  return [...new Set([...names].map((match) => match[1]!))].slice(0, 8);
}

/**
 * The first sentence of a file's documentation: of the module, or of what has the file's own name, or
 * of the first thing that has any.
 */
export function describeFile(path: string, text = ""): string {
  if (path.endsWith(".md")) return firstSentence(text.split("\n").slice(1).join("\n"));
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\..*$/, "").replaceAll("_", "");
  const docs = [...text.matchAll(DOCUMENTED)]
    .map(([, doc, subject]) => ({ doc: doc!, subject: subject!.toLowerCase() }));
  const best = docs.find(({ doc }) => doc.includes("@module")) ??
    docs.find(({ subject }) => subject === name) ?? docs[0];
  return best === undefined ? "it has no documentation." : firstSentence(best.doc);
}

function firstSentence(text: string): string {
  const plain = text.replace(/^\s*[*#] ?/gm, " ").replace(/\{@link(?:code)? ([^}]+)\}/g, "$1")
    .replaceAll("`", "").replace(/\s+/g, " ").trim();
  return /^.*?[.:!?](?=\s|$)/.exec(plain)?.[0].replace(/:$/, ".") ?? plain.slice(0, 160);
}

/** A documentation comment and the name of what it is about. */
const DOCUMENTED =
  /\/\*\*(.*?)\*\/\s*(?:(?:export|default|async|abstract|function\*?|class|interface|type|const) )*(\w*)/gs;
