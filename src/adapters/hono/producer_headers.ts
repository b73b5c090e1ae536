import type { Context } from "hono";
import type { Producer } from "../../core/bus/bus.ts";
import { describe } from "../../core/describe.ts";
import { isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import { Refusal } from "../http/responses.ts";

/**
 * Who sent a request, and which of theirs it is, by the headers `Producer-Id`, `Producer-Epoch` and `Producer-Seq`;
 * undefined if there is none of them.
 *
 * @throws {Refusal} 400 if the id or the number is missing, or one is not valid.
 */
export function producerOf(c: Context): Producer | undefined {
  const [id, epoch, seq] = ["Id", "Epoch", "Seq"].map((name) => c.req.header(`Producer-${name}`));
  if (id === undefined && epoch === undefined && seq === undefined) return undefined;
  if (id === undefined || seq === undefined) {
    const missing = id === undefined ? "Producer-Id" : "Producer-Seq";
    throw new Refusal(
      400,
      `Producer-Id and Producer-Seq must both be sent, and ${missing} was not`,
    );
  }
  if (!isRunId(id)) {
    throw new Refusal(400, `Producer-Id must be ${RUN_ID_RULE}, got ${describe(id)}`);
  }
  return {
    id,
    epoch: numberOf("Producer-Epoch", epoch ?? "0"),
    seq: numberOf("Producer-Seq", seq),
  };
}

function numberOf(name: string, text: string): number {
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new Refusal(
    400,
    `${name} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${describe(text)}`,
  );
}
