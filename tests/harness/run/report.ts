/**
 * What a test runner left behind, read into one shape.
 *
 * @module
 */
import { resolve } from "node:path";
import { root } from "./paths.ts";

/** One test of one file on one runtime. */
export interface TestCase {
  name: string;
  status: "passed" | "failed" | "skipped";
  /** The reason of a skip or the error of a failure, where the runtime tells. */
  detail?: string;
  /** The line of the `test()` call, where the runtime tells. */
  line?: number;
}

/**
 * Reads the tests of a JUnit report, as Deno, Bun and Node write it.
 *
 * Only `testcase` elements count: the totals that the three put on the elements around them differ
 * in meaning, and Node has none.
 */
export function parseJunit(xml: string): TestCase[] {
  const cases: TestCase[] = [];
  for (
    const match of xml.matchAll(/<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>(.*?)<\/testcase>)/gs)
  ) {
    const [, attributes = "", body = ""] = match;
    const line = Number(attribute(attributes, "line"));
    cases.push({
      name: attribute(attributes, "name"),
      status: body.includes("<skipped")
        ? "skipped"
        : /<(failure|error)\b/.test(body)
        ? "failed"
        : "passed",
      detail: attribute(/<skipped\b[^>]*/.exec(body)?.[0] ?? "", "message"),
      ...(line > 0 ? { line } : {}),
    });
  }
  return cases;
}

function attribute(text: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "";
  // `&amp;` first: Node escapes the ampersand of its own `&quot;` once more.
  return value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">");
}

/** What {@linkcode "../support/requires.ts"} wrote about a skip: a line of the output. */
interface SkipNote {
  path: string;
  line: number;
  reason: string;
}

/**
 * Gives every skipped test its reason.
 *
 * Deno and Bun do not report it, so it is taken from the notes that `requires()` prints: the first
 * note at or after the test's own line in the test's own file, else all reasons that were printed.
 */
export function explainSkips(file: string, cases: TestCase[], output: string): TestCase[] {
  const notes: SkipNote[] = [...output.matchAll(/^skip (.+):(\d+): (.+)$/gm)]
    .map(([, path = "", line, reason = ""]) => ({ path, line: Number(line), reason }));
  const absolute = resolve(root, file);
  const own = notes.filter(({ path }) => path === absolute).sort((a, b) => a.line - b.line);
  return cases.map((test) => {
    if (test.status !== "skipped" || test.detail) return test;
    const { line = Infinity } = test;
    const note = own.find((note) => note.line >= line);
    const reasons = note ? [note.reason] : [...new Set(notes.map(({ reason }) => reason))];
    return { ...test, detail: reasons.join(", or ") || "no reason given" };
  });
}
