import { readAnswer } from "./api.ts";
import type { NatsHeadersLike } from "./connection.ts";
import type { Link } from "./link.ts";

/**
 * Headers of the client, which are got once. They can be had without its package: those of a message that it received.
 *
 * @param mark Where something is stored that has nothing to do with any run.
 */
export function ownHeaders(link: Link, mark: string, stream: string) {
  let known: Promise<NatsHeadersLike> | null = null;
  return (): Promise<NatsHeadersLike> => {
    if (known !== null) return known;
    const taking = known = take();
    taking.catch(() => known = null);
    return taking;
  };

  async function take(): Promise<NatsHeadersLike> {
    const subject = `$JS.API.DIRECT.GET.${stream}`;
    const get = () => link.request(subject, JSON.stringify({ last_by_subj: mark }));
    let { headers } = await get();
    if (headers?.code === 404) {
      readAnswer((await link.request(mark, "")).data);
      ({ headers } = await get());
    }
    if (headers === undefined || headers.code !== 0) {
      throw new Error("NATS: the server does not answer direct requests to the stream");
    }
    for (const key of headers.keys()) headers.delete(key);
    return headers;
  }
}
