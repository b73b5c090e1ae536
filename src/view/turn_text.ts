import type { PictureTurn } from "./picture_rows.ts";

/** Adds a piece of what the model writes; of a long text the end is kept. */
export function addText(turn: PictureTurn, piece: string, maxTextLength: number): void {
  turn.text += piece;
  // Twice the limit before anything is cut: or else every further piece would copy the whole text.
  if (turn.text.length > 2 * maxTextLength) cutText(turn, maxTextLength);
}

/** Keeps only the end of a turn's text. */
export function cutText(turn: PictureTurn, length: number): void {
  let cut = turn.text.length - length;
  if (cut <= 0) return;
  const code = turn.text.charCodeAt(cut);
  // Never through the middle of a surrogate pair.
  if (code >= 0xdc00 && code < 0xe000) cut++;
  turn.textLeftOut += cut;
  turn.text = turn.text.slice(cut);
}

/** Sets the start of a text whose rest was not sent. */
export function setPreview(turn: PictureTurn, preview: string): void {
  turn.text = preview;
  turn.textIsPreview = preview.length >= PREVIEW_LENGTH;
}

/** Where the catalogue's previews of texts are cut. */
const PREVIEW_LENGTH = 240;
