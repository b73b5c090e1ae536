/**
 * What cutting 10 MB into chunks costs, beside `@langchain/textsplitters`.
 *
 * Method: the Markdown of `docs/` and the sources of `src/`, each again and again up to 10 MB; chunks of 1,000 characters, 200 of overlap. `ms` is
 * the median of three rounds over all of it, the contenders in turns, in changing order. `chunks` is how many it made, `ratio` how
 * many times as long as ours. Ours say where each chunk is, theirs do not.
 *
 * Run alone: `deno run -A bench/chunking.ts`, or the same file with `bun` or `node`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MarkdownTextSplitter, RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { chunker } from "@locus/core/rag";
import { type Row, runCase, verify } from "./support/case.ts";
import { alternate, median } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const SIZES = { chunkSize: 1000, chunkOverlap: 200 };
const ours = chunker({ size: 1000, overlap: 200 });

type Cut = (text: string) => Promise<number> | number;

const settings: Readonly<Record<string, { files: () => string[]; subjects: Record<string, Cut> }>> =
  {
    Markdown: {
      files: () => texts("docs", ".md"),
      subjects: {
        Locus: (text) => ours({ id: "a", text, format: "markdown" }).length,
        "LangChain, Markdown": counting(new MarkdownTextSplitter(SIZES)),
        "LangChain, recursive": counting(new RecursiveCharacterTextSplitter(SIZES)),
      },
    },
    TypeScript: {
      files: () => texts("src", ".ts"),
      subjects: {
        Locus: (text) => ours({ id: "a", text, format: "code" }).length,
        "LangChain, js": counting(RecursiveCharacterTextSplitter.fromLanguage("js", SIZES)),
      },
    },
  };

function counting(splitter: { splitText(text: string): Promise<string[]> }): Cut {
  return async (text) => (await splitter.splitText(text)).length;
}

await runCase("chunking: ms for 10 MB", async ({ quick }) => {
  const rows: Row[] = [];
  for (const [setting, { files, subjects }] of Object.entries(settings)) {
    const all = upTo(files(), quick ? 50_000 : 10_000_000);
    const times = new Map(Object.keys(subjects).map((subject) => [subject, [] as number[]]));
    const chunks = new Map<string, number>();
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const [subject, cut] of alternate(Object.entries(subjects), round)) {
        let count = 0;
        const elapsed = startStopwatch();
        for (const text of all) count += await cut(text);
        times.get(subject)!.push(elapsed());
        chunks.set(subject, count);
        verify(count > 0, () => `${subject} made no chunk`);
      }
    }
    const base = median(times.get("Locus")!);
    for (const [subject, values] of times) {
      const ms = median(values);
      const figures = { ms, ratio: ms / base, chunks: chunks.get(subject)! };
      rows.push({ subject, setting, figures });
    }
  }
  return rows;
});

function texts(folder: string, extension: string): string[] {
  const root = fileURLToPath(new URL(`../${folder}/`, import.meta.url));
  return readdirSync(root, { recursive: true, encoding: "utf8" }).sort()
    // What ships of the page is one line of a megabyte.
    .filter((path) => path.endsWith(extension) && !path.startsWith("workbench"))
    .map((path) => readFileSync(root + path, "utf8"));
}

function upTo(files: readonly string[], characters: number): string[] {
  const all: string[] = [];
  for (let left = characters, i = 0; left > 0; i++) {
    const text = files[i % files.length]!;
    all.push(text);
    left -= text.length;
  }
  return all;
}
