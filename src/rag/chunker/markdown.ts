import type { Piece } from "./cut.ts";

/** A block of Markdown, and the headings that it stands under, its own included. */
export interface Block extends Piece {
  readonly headings: readonly string[];
}

/**
 * Reads Markdown into blocks: front matter, headings, fenced code, tables, lists, and the text between. They add up to
 * the text. It is a reading for cutting, not a parser: what is inside of a block does not matter.
 */
export function markdownBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const path: string[] = [];
  let headings: readonly string[] = [];
  let start = 0;
  let kind = "text";
  let fence: string | null = null;
  const endBlock = (end: number, next: string) => {
    if (end > start) blocks.push({ start, end, kind, headings });
    start = end;
    kind = next;
  };
  for (let at = endOfFrontMatter(text); at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, end);
    const [, marks, info] = FENCE.exec(line) ?? [];
    if (fence !== null) {
      if (marks?.[0] === fence[0] && marks!.length >= fence!.length && info!.trim() === "") {
        fence = null;
        endBlock(end, "text");
      }
    } else if (marks !== undefined && !(marks[0] === "`" && info!.includes("`"))) {
      endBlock(at, "code");
      fence = marks;
    } else {
      const [head, level] = HEADING.exec(line) ?? [];
      if (head !== undefined && level !== undefined) {
        endBlock(at, "heading");
        path.length = Math.min(path.length, level.length - 1);
        path[level.length - 1] = line.slice(head.length).trim().replace(CLOSING, "").trim();
        headings = Object.values(path).filter((name) => name);
        endBlock(end, "text");
      } else {
        const next = kindOf(line, kind);
        if (next !== kind) endBlock(at, next);
      }
    }
    at = end;
  }
  endBlock(text.length, "text");
  return blocks;
}

function endOfFrontMatter(text: string): number {
  return FRONT_MATTER.exec(text)?.[0].length ?? 0;
}

function kindOf(line: string, before: string): string {
  if (/^\s*\|/.test(line)) return "table";
  if (/^\s*(?:[-*+]|\d+[.)])\s/.test(line)) return "list";
  // A blank or an indented line goes on with the list.
  if (before === "list" && /^(?:\s*$|\s{2,}\S)/.test(line)) return "list";
  return /^\s*$/.test(line) && before === "table" ? "table" : "text";
}

const FRONT_MATTER = /^---[ \t]*\r?\n(?:[^]*?\r?\n)?---[ \t]*(?:\r?\n|$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)/;
const HEADING = /^ {0,3}(#{1,6})(?=\s|$)/;
// Titles are not matched as a whole: with spaces in the way that takes cubic time.
const CLOSING = /(?:^|[ \t])#+$/;
