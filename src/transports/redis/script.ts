import type { RedisConnection } from "./connection.ts";
import { isError } from "../../runtime/realm.ts";

/** A script that the server is sent once, and then called by its name. */
export class Script {
  readonly #text: string;
  readonly #connection: RedisConnection;
  // By which the server knows it.
  #digest: Promise<string> | null = null;

  constructor(text: string, connection: RedisConnection) {
    this.#text = text;
    this.#connection = connection;
  }

  /**
   * Runs it.
   *
   * @throws {Error} If the server cannot be reached, or the script fails there.
   */
  async run(keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    const digest = this.#digest ??= this.#load();
    try {
      return await this.#connection.command(["EVALSHA", await digest, ...rest]);
    } catch (error) {
      // Another call may have seen to it already.
      if (this.#digest === digest) this.#digest = null;
      if (!isUnknownScript(error)) throw error;
    }
    // The server was restarted, or was told to forget its scripts.
    return this.#connection.command(["EVALSHA", await (this.#digest ??= this.#load()), ...rest]);
  }

  async #load(): Promise<string> {
    const digest = await this.#connection.command(["SCRIPT", "LOAD", this.#text]);
    if (typeof digest === "string" && /^[0-9a-f]{40}$/.test(digest)) return digest;
    throw new Error("The server did not take the script");
  }
}

function isUnknownScript(error: unknown): boolean {
  return isError(error) && error.message.includes("NOSCRIPT");
}
