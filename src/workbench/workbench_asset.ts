/** A file of the page. */
export interface WorkbenchAsset {
  /** What is in it. */
  readonly body: string;
  /** The value of `Content-Type`. */
  readonly contentType: string;
  /** The value of `ETag`: it changes with the file. */
  readonly etag: string;
}
