/**
 * The fixed plans of the demo's planner: which tools to call for which kind of question, and how to
 * answer with what they returned.
 *
 * @module
 */
import { count } from "@locus/core/view";
import { describeFile, exportsOf, matchesOf, sizesOf, summaryOf } from "./findings.ts";

/** What one tool call came to. */
export interface ToolOutcome {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  text: string;
  failed: boolean;
}

/** One tool call to make. */
export interface PlannedCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What to say, and which tools to call then; no calls means that this is the answer. */
export interface PlanStep {
  readonly say: string;
  readonly calls: readonly PlannedCall[];
}

/** The next step for a question, after the turns that were taken for it. */
export function nextStep(question: string, turns: readonly (readonly ToolOutcome[])[]): PlanStep {
  const plan = PLANS.find(({ when }) => when.test(question))?.plan ?? searchWords;
  return plan(question, turns.flat(), turns.length);
}

type Plan = (question: string, done: readonly ToolOutcome[], turn: number) => PlanStep;

function findLargest(question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  const folder = /\b(tests|examples|docs|bench)\b/.exec(question)?.[1] ?? "src";
  if (turn === 0) {
    return step(
      `I need the sizes in ${folder} first.`,
      call("count_lines", { path: folder }),
      call("list_files", { path: "." }),
    );
  }
  const sizes = sizesOf(done[0]);
  const [first, ...others] = sizes.slice(0, 3);
  if (first === undefined) return step(`I could not count the lines in ${folder}.`);
  if (turn === 1) {
    return step(
      "I read the three largest.",
      ...[first, ...others].map(({ path }) => call("read_file", { path })),
      call("search", { text: fileName(first.path) }),
    );
  }
  const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
  const texts = done.filter(({ tool }) => tool === "read_file");
  const users = done.find(({ tool }) => tool === "search");
  const lines = [first, ...others].map(({ path, lines }, index) => {
    const description = describeFile(path, texts[index]?.text);
    return `${index + 1}. ${path}, ${count(lines, "line")}: ${description}`;
  });
  return step([
    `The largest file in ${folder} is ${first.path}, with ${first.lines} of ` +
    `${count(total, "line")}.`,
    ...lines,
    `${fileName(first.path)} is named in ${summaryOf(users)}. The repository has ${
      summaryOf(done[1])
    } in all.`,
  ].join("\n"));
}

function countAll(_question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  if (turn === 0) {
    return step(
      "I count the lines of the sources, the tests and the examples, and list all files.",
      call("count_lines", { path: "src" }),
      call("count_lines", { path: "tests" }),
      call("count_lines", { path: "examples" }),
      call("list_files", { path: "." }),
    );
  }
  const [src, tests, examples, all] = done;
  return step([
    `The repository has ${summaryOf(all)}.`,
    `src: ${summaryOf(src)}`,
    `tests: ${summaryOf(tests)}`,
    `examples: ${summaryOf(examples)}`,
  ].join("\n"));
}

function findTodos(_question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  if (turn === 0) {
    return step(
      "I look for the two usual marks.",
      call("search", { text: "TODO" }),
      call("search", { text: "FIXME" }),
    );
  }
  const places = done.flatMap(matchesOf).slice(0, 6);
  return step([
    `TODO: ${summaryOf(done[0])}. FIXME: ${summaryOf(done[1])}.`,
    ...places.map(({ path, line, text }) => `- ${path}:${line}  ${text}`),
  ].join("\n"));
}

function explainFile(question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  const name = FILE.exec(question)![0];
  if (turn === 0) {
    return step(
      `I read ${name} and look for the files that name it.`,
      call("read_file", { path: name }),
      call("search", { text: fileName(name) }),
    );
  }
  const reads = done.filter(({ tool, failed }) => tool === "read_file" && !failed);
  const read = reads.at(-1);
  if (read === undefined && turn === 1) {
    return step(
      `There is no ${name} at the top. I look for it.`,
      call("list_files", { path: "." }),
    );
  }
  if (read === undefined && turn === 2) {
    const path = done.at(-1)!.text.split("\n").map((line) => line.split("  ")[0]!)
      .find((path) => path.endsWith(`/${name}`));
    if (path !== undefined) return step(`It is ${path}.`, call("read_file", { path }));
  }
  if (read === undefined) return step(`I could not find a file named ${name} in this repository.`);
  const path = String(read.input.path);
  const names = exportsOf(read.text);
  const exported = names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
  const users = done.find(({ tool }) => tool === "search");
  return step(
    `${path}: ${describeFile(path, read.text)}\n${exported} ` +
      `${fileName(name)} is named in ${summaryOf(users)}.`,
  );
}

function findUses(question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  const term = wordsOf(question)[0] ?? "Locus";
  if (turn === 0) {
    return step(
      `I search for ${term} in the sources and in the tests.`,
      call("search", { text: term, path: "src" }),
      call("search", { text: term, path: "tests" }),
    );
  }
  const matches = done.filter(({ tool }) => tool === "search").flatMap(matchesOf);
  const best = matches.find(({ text }) => DECLARATION.test(text)) ?? matches[0];
  if (best === undefined) return step(`I found no ${term} in src and tests.`);
  if (turn === 1) {
    return step(
      `${best.path} looks like the place. I read it around line ${best.line}.`,
      call("read_file", { path: best.path, first_line: Math.max(1, best.line - 5) }),
    );
  }
  return step([
    `${term} is in ${summaryOf(done[0])} of src and in ${summaryOf(done[1])} of tests.`,
    `The place to look at first is ${best.path}:${best.line}, which says: ${best.text}`,
    ...matches.filter((match) => match !== best).slice(0, 4)
      .map(({ path, line, text }) => `- ${path}:${line}  ${text}`),
  ].join("\n"));
}

function searchWords(question: string, done: readonly ToolOutcome[], turn: number): PlanStep {
  const words = wordsOf(question).slice(0, 3);
  if (words.length === 0) words.push("Locus");
  if (turn === 0) {
    return step(
      `I have no plan for this kind of question, so I search for ${words.join(" and ")}.`,
      ...words.map((text) => call("search", { text })),
    );
  }
  const counts = new Map<string, number>();
  for (const { path } of done.filter(({ tool }) => tool === "search").flatMap(matchesOf)) {
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  if (best === undefined) {
    return step(`Nothing in this repository speaks of ${words.join(" or ")}.`);
  }
  if (turn === 1) {
    return step(`Most of it is in ${best[0]}. I read that.`, call("read_file", { path: best[0] }));
  }
  return step(
    `${best[0]} speaks of it most, in ${best[1]} lines: ${
      describeFile(best[0], done.at(-1)?.text)
    }\n` +
      words.map((word, index) => `${word}: ${summaryOf(done[index])}`).join("\n") +
      "\nThis is as far as the demo's built-in planner goes; with a key it would be a real model.",
  );
}

/** The words to search for: what is quoted or looks like code first, then the longest. */
function wordsOf(question: string): string[] {
  const quoted = [...question.matchAll(/[`"']([^`"']{2,60})[`"']/g)].map((match) => match[1]!);
  const words = question.match(/[A-Za-z_][\w.-]*\w/g) ?? [];
  const code = words.filter((word) => /[a-z][A-Z]|-[A-Z]|_|\w\.\w/.test(word));
  const plain = words.filter((word) => !STOP_WORDS.has(word.toLowerCase()) && word.length > 2)
    .sort((a, b) => b.length - a.length);
  return [...new Set([...quoted, ...code, ...plain])];
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function step(say: string, ...calls: PlannedCall[]): PlanStep {
  return { say, calls };
}

function call(tool: string, input: Readonly<Record<string, unknown>>): PlannedCall {
  return { tool, input };
}

const FILE = /[\w./-]+\.(?:tsx?|jsx?|md|json|ya?ml|toml)\b/;
const DECLARATION = /\b(?:function|class|interface|type|const)\s/;
const PLANS: readonly { readonly when: RegExp; readonly plan: Plan }[] = [
  { when: /\b(?:todo|fixme)s?\b/i, plan: findTodos },
  { when: FILE, plan: explainFile },
  { when: /\b(?:larg|bigg|long)est\b|\bmost lines\b/i, plan: findLargest },
  { when: /\bhow (?:many|much|big|large)\b|\bcount\b/i, plan: countAll },
  { when: /\b(?:where|who|find|search|used?|uses)\b/i, plan: findUses },
];
const STOP_WORDS = new Set(
  ("a about all an and are as at be by can code could do does explain for from get has have how i in is it its " +
    "me most of on or please repository search show tell that the their there these they this to use used uses " +
    "was what when where which who why will with work works you your find file files").split(" "),
);
