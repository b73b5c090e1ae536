/** What is sent: the type, and a payload with the mark by which clients count. */

export const TYPE = "bench.tick";

/** Stands once in each event, and nowhere else. */
export const MARK = "#";

export const PAYLOAD = { mark: MARK, text: "x".repeat(100) };
