import { deferred } from "../../runtime/deferred.ts";
import { PermanentError } from "../remote/permanent_error.ts";
import { backoffMs, pause } from "../remote/retry.ts";
import type { Listening, RedisConnection } from "./connection.ts";

export interface NoticesOptions {
  readonly connection: RedisConnection;
  /** A channel that only this process listens to. */
  readonly ownChannel: string;
  /** How often it is looked whether the connection still tells anything, and how long an answer may take. */
  readonly heartbeatMs: number;
  readonly onMessage: (channel: string, text: string) => void;
  readonly onMissed: () => void;
  readonly onFailure: (error: unknown) => void;
}

interface Life {
  readonly listening: Listening;
  readonly loss: Promise<never>;
  lose(): void;
  isLost(): boolean;
}

/**
 * The connection on which the server tells what happened, for as long as it takes: one that is lost is replaced
 * by a new one, which listens to the same channels.
 *
 * What clients do by themselves in such a case differs, down to nothing that can be noticed; so no connection is
 * mended. And a connection can be lost with nobody being told. Now and then a message to itself shows that it
 * still hears: that is all that an idle process asks of the server, however many runs it watches.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #wanted: Set<string> = new Set();
  // What is done with a channel is done one thing after the other.
  readonly #turns: Map<string, Promise<void>> = new Map();
  readonly #ended = new AbortController();
  #opening: Promise<Life> | null = null;
  #isReplacing = false;
  #beat: { readonly timer: ReturnType<typeof setTimeout> } | null = null;
  #isHeard = true;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** From when it resolves on, whatever is sent to the channel is heard. */
  subscribe(channel: string): Promise<void> {
    this.#wanted.add(channel);
    return this.#inTurn(channel, async () => {
      if (!this.#wanted.has(channel)) return;
      const life = await this.#open();
      await this.#on(life, life.listening.subscribe(channel));
    });
  }

  unsubscribe(channel: string): void {
    this.#wanted.delete(channel);
    // A connection that cannot be told is lost, and the next one will not listen.
    this.#inTurn(channel, async () => {
      if (this.#wanted.has(channel) || this.#opening === null) return;
      const life = await this.#opening;
      await this.#on(life, life.listening.unsubscribe(channel));
    }).catch(() => {});
  }

  /** Resolves when what was asked of a channel is done. Never rejects. */
  async settled(channel: string): Promise<void> {
    await this.#turns.get(channel)?.catch(() => {});
  }

  end(): void {
    this.#ended.abort();
    this.#wanted.clear();
    clearTimeout(this.#beat?.timer);
  }

  #inTurn(channel: string, act: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(channel);
    const turn = before === undefined ? act() : before.catch(() => {}).then(act);
    this.#turns.set(channel, turn);
    const isOver = () => {
      if (this.#turns.get(channel) === turn) this.#turns.delete(channel);
    };
    turn.then(isOver, isOver);
    return turn;
  }

  #open(): Promise<Life> {
    if (this.#opening === null) {
      const opening = this.#begin();
      this.#opening = opening;
      opening.catch(() => {
        if (this.#opening === opening) this.#opening = null;
      });
    }
    return this.#opening;
  }

  async #begin(): Promise<Life> {
    const { connection, ownChannel, onMessage } = this.#options;
    const { promise: loss, reject } = deferred<never>();
    loss.catch(() => {});
    let isLost = false;
    const lose = (error?: unknown) => {
      if (isLost) return;
      isLost = true;
      reject(error ?? new Error("The connection was lost"));
    };
    this.#ended.signal.throwIfAborted();
    const opening = connection.listen({
      message: (channel, text) => {
        if (channel === ownChannel) this.#isHeard = true;
        else if (!isLost) onMessage(channel, text);
      },
      lost: lose,
    });
    const { signal } = this.#ended;
    const end = () => lose();
    signal.addEventListener("abort", end);
    loss.catch(() => {
      signal.removeEventListener("abort", end);
      opening.then((listening) => listening.end(), () => {});
    });
    const timer = setTimeout(lose, this.#options.heartbeatMs);
    const listening = await Promise.race([opening, loss]).finally(() => clearTimeout(timer));
    const life = { listening, loss, lose, isLost: () => isLost };
    loss.catch(() => void this.#replace(life));
    await this.#on(life, listening.subscribe(ownChannel));
    this.#isHeard = true;
    this.#scheduleBeat(life);
    return life;
  }

  /** What was asked on a connection; rejects with it. One that does not answer is lost. */
  async #on({ loss, lose }: Life, asked: Promise<unknown>): Promise<void> {
    const timer = setTimeout(lose, this.#options.heartbeatMs);
    await Promise.race([asked, loss]).finally(() => clearTimeout(timer));
  }

  /** Goes over from a connection that is lost to a new one. */
  async #replace(lost: Life): Promise<void> {
    if ((await this.#opening?.catch(() => lost)) !== lost) return;
    this.#opening = null;
    if (!this.#isReplacing) await this.#keepReplacing();
  }

  async #keepReplacing(): Promise<void> {
    const { onFailure, onMissed } = this.#options;
    const { signal } = this.#ended;
    this.#isReplacing = true;
    for (let failures = 0; this.#wanted.size > 0 && !signal.aborted; failures++) {
      try {
        const life = await this.#open();
        await Promise.all(Array.from(
          this.#wanted,
          (channel) => this.#on(life, life.listening.subscribe(channel)),
        ));
        if (life.isLost()) continue;
        // At once, so that the next loss starts another replacement.
        this.#isReplacing = false;
        return onMissed();
      } catch (error) {
        if (!signal.aborted) onFailure(error);
        await pause(backoffMs(failures), signal);
      }
    }
    this.#isReplacing = false;
  }

  #scheduleBeat(life: Life): void {
    clearTimeout(this.#beat?.timer);
    const timer = setTimeout(() => void this.#beatOnce(life), this.#options.heartbeatMs);
    this.#beat = { timer };
  }

  async #beatOnce(life: Life): Promise<void> {
    if (!this.#isHeard) return life.lose();
    this.#isHeard = false;
    try {
      await this.#options.connection.command(["PUBLISH", this.#options.ownChannel, ""]);
    } catch (error) {
      // The other connection is at fault.
      this.#isHeard = true;
      if (error instanceof PermanentError) return this.#options.onFailure(error);
    }
    if (!this.#ended.signal.aborted && (await this.#opening?.catch(() => null)) === life) {
      this.#scheduleBeat(life);
    }
  }
}
