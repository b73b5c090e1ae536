import type { Context } from "hono";
import { isRecord } from "../../core/options.ts";
import { A2AError, invalid, rpcError } from "../protocol/errors.ts";
import { answerWithTask } from "./stream.ts";
import type { Binding } from "./binding.ts";
import { checkVersion, isJsonType, mediaTypeOf, readJsonBody } from "./request.ts";

/** Answers a request of JSON-RPC: one URL for all methods, and errors with the status 200. */
export async function answerRpc(
  c: Context,
  binding: Binding,
): Promise<Response> {
  let id: string | number | null = null;
  try {
    const principal = await binding.principalOf(c);
    if (!isJsonType(mediaTypeOf(c))) {
      throw new A2AError("CONTENT_TYPE_NOT_SUPPORTED");
    }
    const request = readEnvelope(
      await readJsonBody(c, binding.maxBodyBytes),
      (own) => id = own,
    );
    const { method, params } = request;
    const asked = { method, rpcId: id, binding: "JSONRPC" } as const;
    return await binding.answer(c, principal, asked, () => {
      checkVersion(c);
      if (params !== undefined && !isRecord(params)) {
        throw invalid("params", "must be an object");
      }
      return params;
    }, {
      result: (result) => binding.json(c, 200, { jsonrpc: "2.0", id, result }),
      stream: (stream, options) => {
        const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
        return answerWithTask(c, stream, {
          ...options,
          wrap: (json) => `${head}${json}}`,
        });
      },
    });
  } catch (error) {
    return binding.refuse(c, error, (known) => ({
      status: 200,
      body: { jsonrpc: "2.0", id, error: rpcError(known) },
    }));
  }
}

function readEnvelope(
  body: unknown,
  onId: (id: string | number | null) => void,
): { method: string; params: unknown } {
  if (!isRecord(body)) throw new A2AError("INVALID_REQUEST");
  const { jsonrpc, id = null, method, params } = body;
  if (id !== null && typeof id !== "string" && typeof id !== "number") {
    throw new A2AError("INVALID_REQUEST");
  }
  onId(id);
  if (jsonrpc !== "2.0" || typeof method !== "string") {
    throw new A2AError("INVALID_REQUEST");
  }
  return { method, params };
}
