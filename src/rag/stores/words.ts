/**
 * The words of a text: runs of letters and digits, in lower case. `fooBar` is two; a character of a script that is
 * written without spaces is one.
 */
export function wordsOf(text: string): readonly string[] {
  return text.normalize("NFKC").replace(HUMP, "$1 $2").toLowerCase().match(WORD) ?? [];
}

const HUMP = /(\p{Ll})(\p{Lu})/gu;
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu;
