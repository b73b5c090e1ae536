/** Which task a message went to: who sends it again, after a broken connection, gets the same. */
export class SentMessages {
  readonly #sent = new Map<string, { readonly id: string; readonly at: number }>();

  /** @param key What the message is known by. */
  add(key: string, id: string, at: number): void {
    this.#sent.delete(key);
    this.#sent.set(key, { id, at });
    if (this.#sent.size > MAX_SENT) this.#sent.delete(this.#sent.keys().next().value!);
  }

  /** The id of the task; undefined if the message is new, or was sent too long ago. */
  find(key: string): string | undefined {
    const sent = this.#sent.get(key);
    return sent !== undefined && Date.now() - sent.at < AGAIN_MS ? sent.id : undefined;
  }
}

const AGAIN_MS = 10 * 60_000;
const MAX_SENT = 10_000;
