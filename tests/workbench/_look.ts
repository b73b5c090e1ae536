/**
 * What a picture shows from afar: the mean colour of each cell. Letters may be drawn a little otherwise, as another machine
 * and another browser do it; a panel that moves, a colour or a text that is lost changes cells by far more.
 *
 * @module
 */
import type { Browser, Page } from "playwright-core";

/** Pixels of a cell, each way. */
const CELL = 16;

/** How far a colour may be off, of 255: other letters come to 12, a lost line of small text to 16 and more. */
const TOLERANCE = 12;

/** How many cells may be off by more. */
const MOST_CELLS = 6;

/** Mean colours of a picture, three bytes a cell, row by row. */
export interface Look {
  readonly width: number;
  readonly cells: Uint8Array;
}

/** Reads pictures, in a page of a browser, which can do that. */
export class Eye {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async of(browser: Browser): Promise<Eye> {
    return new Eye(await browser.newPage());
  }

  /** The look of a picture, and a small picture that keeps it. */
  async look(png: Uint8Array, cell = CELL): Promise<Look & { readonly small: Uint8Array }> {
    const picture = (png as Uint8Array & { toBase64(): string }).toBase64();
    const { width, cells, small } = await this.#page.evaluate(reduce, { picture, cell });
    return { width, cells: bytesOf(cells), small: bytesOf(small) };
  }

  /** The look that a small picture keeps. */
  remember(small: Uint8Array): Promise<Look> {
    return this.look(small, 1);
  }
}

/** Where a look is not what it was, in pixels of the picture; nothing if it is near enough. */
export function differences(was: Look, is: Look): { x: number; y: number }[] {
  if (was.width !== is.width || was.cells.length !== is.cells.length) return [{ x: 0, y: 0 }];
  const off = Array.from({ length: is.cells.length / 3 }, (_, cell) => cell).filter((cell) =>
    [0, 1, 2].some((channel) =>
      Math.abs(was.cells[cell * 3 + channel]! - is.cells[cell * 3 + channel]!) > TOLERANCE
    )
  );
  if (off.length <= MOST_CELLS) return [];
  return off.map((cell) => ({
    x: cell % is.width * CELL,
    y: Math.floor(cell / is.width) * CELL,
  }));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Runs in the page. */
async function reduce({ picture, cell }: { picture: string; cell: number }) {
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const [width, height] = [Math.ceil(bitmap.width / cell), Math.ceil(bitmap.height / cell)];
  const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
  drawing.drawImage(bitmap, 0, 0);
  const { data } = drawing.getImageData(0, 0, bitmap.width, bitmap.height);
  const sums = new Float64Array(width * height * 4);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [at / 4 % bitmap.width, Math.floor(at / 4 / bitmap.width)];
    const to = (Math.floor(y / cell) * width + Math.floor(x / cell)) * 4;
    // The fourth, full everywhere, counts the pixels.
    for (let channel = 0; channel < 4; channel++) sums[to + channel]! += data[at + channel]!;
  }
  const image = new ImageData(
    Uint8ClampedArray.from(sums, (sum, at) => 255 * sum / sums[at - at % 4 + 3]!),
    width,
  );
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  const small = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  const text = (bytes: Iterable<number>) =>
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return {
    width,
    cells: text(image.data.filter((_, at) => at % 4 !== 3)),
    small: text(small),
  };
}
