/**
 * Puts the files that a document names into it: `deno run -A docs/include_examples.ts`, or `--check` to see
 * whether they are the same. A document names a file by a comment, `<!-- examples/… -->`, on a line of its own.
 *
 * @module
 */
import { filesUnder, root } from "../tests/harness/run/paths.ts";

const MARKER = /^(<!-- (examples\/\S+\.(\w+)) -->)\n(?:\n```[\s\S]*?\n```\n)?/gm;

if (import.meta.main) Deno.exit(main(Deno.args.includes("--check")));

function main(isCheck: boolean): number {
  let count = 0;
  const stale: string[] = [];
  for (const document of filesUnder("docs", ".md")) {
    const text = Deno.readTextFileSync(root + document);
    const filled = text.replace(MARKER, (_, marker, file, ending) => {
      count++;
      // "ignore": an example that listens never ends, so it has a test of its own.
      const fence = ending === "ts" ? "ts ignore" : ending;
      const source = Deno.readTextFileSync(root + file).trimEnd();
      return `${marker}\n\n\`\`\`${fence}\n${source}\n\`\`\`\n`;
    });
    if (filled === text) continue;
    stale.push(document);
    if (!isCheck) Deno.writeTextFileSync(root + document, filled);
  }
  console.log(
    `${count} files in documents, ${stale.length} documents ${isCheck ? "stale" : "written"}`,
  );
  if (isCheck && stale.length > 0) {
    console.error(`${stale.join(", ")}: run docs/include_examples.ts`);
    return 1;
  }
  return count === 0 ? 1 : 0;
}
