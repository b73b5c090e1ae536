/** Something that carries events from one place to another by way of a server. */
export interface Contender {
  /** Sends the events of these numbers, as one burst; resolves when the server has them. */
  publish(from: number, to: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Connects one: to one stream of its own, of which `onEvent` is given what arrives, in order. */
export type Open = (stream: string, onEvent: (n: number) => void) => Promise<Contender>;

/** What an event carries, besides its number: about what a tool call does. */
export const TEXT: string = "x".repeat(100);
