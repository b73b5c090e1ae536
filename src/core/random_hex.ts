/** Random words to take from: asking the system for each id costs more than the rest of a span. */
const words = new Uint32Array(64);
let taken = words.length;

/**
 * Random hexadecimal digits. `crypto.randomUUID()` would do as well, but pages outside of a secure context do not
 * have it.
 */
export function randomHex(digits: number): string {
  let text = "";
  while (text.length < digits) {
    const word = nextWord();
    // By halves: small numbers are much cheaper to write.
    text += hex(word >>> 16) + hex(word & 0xffff);
  }
  return text.slice(0, digits);
}

function hex(half: number): string {
  return half.toString(16).padStart(4, "0");
}

function nextWord(): number {
  if (taken === words.length) {
    crypto.getRandomValues(words);
    taken = 0;
  }
  return words[taken++]!;
}
