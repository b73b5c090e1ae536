import type { Run } from "../core/run/run.ts";
import type { AgentModelChunk } from "../events/catalogue/agent.ts";
import { clip } from "../redaction/clip.ts";
import { StreamedText } from "../redaction/streamed_text.ts";

/** What a model streams beside the text of its answer. */
export type Channel = NonNullable<AgentModelChunk["channel"]>;

/** Further keys of a payload, such as its place. */
type Extras = Readonly<Record<string, unknown>>;

/**
 * Publishes what a model streams, with the pieces of long answers joined: the history of a run is bounded, and a chunk
 * for each token would push everything else out of it.
 *
 * The first pieces of a model call go out as they come, so that short answers appear as they were
 * streamed. After that there is one for at least 50 ms of pieces, or sooner when 240 characters are
 * waiting; whoever publishes another event calls `finish()` first. Joined or not, the previews of a call's
 * chunks add up to its text, without the secrets in it: what may be the beginning of one waits, too.
 * There is no timer: if the model pauses, what waits, waits.
 */
export class ModelChunks {
  readonly #run: Run;
  readonly #text: JoinedText;
  #extras: Extras = {};
  /** What is streamed beside the text; null while nothing is. */
  #beside: { readonly channel: Channel; readonly text: JoinedText } | null = null;

  constructor(run: Run) {
    this.#run = run;
    this.#text = new JoinedText(PREVIEW_LENGTH, EAGER_CHUNKS, (content_preview) => {
      const chunk = { content_preview, done: false, has_tool_calls: false };
      this.#run.emit("agent.model.chunk", { ...chunk, ...this.#extras });
    });
  }

  /** A piece of the answer's text. */
  push(text: string, extras: Extras): void {
    this.#finishBeside();
    this.#extras = extras;
    this.#text.push(text);
  }

  /** A piece of what is streamed beside it: content, which not everybody may see. */
  pushBeside(channel: Channel, text: string, extras: Extras): void {
    if (this.#beside?.channel !== channel) {
      this.finish();
      const publish = (text: string) => {
        const place = { ...extras, content_preview: "", done: false };
        this.#run.emit("agent.model.chunk", {
          ...place,
          has_tool_calls: channel === "tool_input",
          channel,
          text,
        });
      };
      this.#beside = { channel, text: new JoinedText(MAX_CHANNEL_LENGTH, 0, publish) };
    }
    this.#beside.text.push(text);
  }

  /** Publishes what waits. */
  finish(): void {
    this.#text.finish();
    this.#finishBeside();
  }

  /** Begins another call, whose first pieces go out as they come. */
  restart(): void {
    this.#text.restart();
  }

  #finishBeside(): void {
    this.#beside?.text.finish();
    this.#beside = null;
  }
}

/** Joins the pieces of a text to larger ones, and takes secrets out of it. */
class JoinedText {
  readonly #maxLength: number;
  readonly #eager: number;
  readonly #publish: (piece: string) => void;
  readonly #text = new StreamedText();
  #waiting = "";
  #published = 0;
  #publishedAt = 0;

  /** @param eager How many pieces go out as they come. */
  constructor(maxLength: number, eager: number, publish: (piece: string) => void) {
    this.#maxLength = maxLength;
    this.#eager = eager;
    this.#publish = publish;
  }

  push(text: string): void {
    this.#waiting += this.#text.push(text);
    if (this.#isDue()) this.#flush();
  }

  /** Publishes what waits. */
  finish(): void {
    this.#waiting += this.#text.end();
    this.#flush();
  }

  /** Begins another text. */
  restart(): void {
    this.#published = 0;
  }

  #isDue(): boolean {
    return this.#published < this.#eager || this.#waiting.length >= this.#maxLength ||
      performance.now() - this.#publishedAt >= JOIN_MS;
  }

  #flush(): void {
    if (this.#waiting === "") return;
    let rest = this.#waiting;
    while (rest !== "") {
      const piece = clip(rest, this.#maxLength);
      rest = rest.slice(piece.length);
      this.#publish(piece);
    }
    this.#waiting = "";
    this.#published++;
    this.#publishedAt = performance.now();
  }
}

const PREVIEW_LENGTH = 240;
// Not a preview: a piece of the whole.
const MAX_CHANNEL_LENGTH = 1_000;
const EAGER_CHUNKS = 32;
const JOIN_MS = 50;
