/** The part of a response of `node:http` that is used here. It has to be one of HTTP/1, on Node itself. */
export interface NodeResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  /** How many have corked it and not uncorked it yet. */
  readonly writableCorked: number;
  readonly chunkedEncoding?: boolean;
  readonly socket: NodeSocket | null;
  write: NodeWrite;
  end: () => unknown;
  destroy(): unknown;
  on(name: "close" | "drain" | "error", listener: () => void): unknown;
  off(name: "drain", listener: () => void): unknown;
}

/** The socket below. */
export interface NodeSocket {
  /** The response that it belongs to now. */
  readonly _httpMessage?: unknown;
  write: NodeWrite;
  on(name: "drain", listener: () => void): unknown;
  off(name: "drain", listener: () => void): unknown;
}

type NodeWrite = (data: string | Uint8Array, encoding?: "latin1" | "utf8") => boolean;
