/** Texts as they are compared, where words are taken for meaning. */

/** A text in which case, white space and punctuation at the end make no difference. */
export function normalize(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim().replace(/[.!]+$/, "");
}

/** The words of a text that mean something by themselves. */
export function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)));
}

const STOP_WORDS: ReadonlySet<string> = new Set(
  ("a an the and or but if of to in on at by for from with as is are was were be been being it its " +
    "this that these those there here not no so than then too very can could may might must shall " +
    "should will would do does did has have had he she they we you i his her their our your my " +
    "which who whom what when where why how").split(" "),
);
