/**
 * What each line of a run cost: the model calls that it is, or that are in it.
 *
 * @module
 */
import type { PictureRow, PictureTurn } from "../../src/view/picture_rows.ts";
import { PIECE_LINES, type Pieces } from "./in_pieces.ts";
import { priceOf, type Prices } from "./run_cost.ts";

/** Tokens, and what they cost: 0 where there are no prices. */
export interface Spent {
  readonly tokens: number;
  readonly cost: number;
}

/** What the lines cost that cost anything. */
export function* findSpent(
  rows: readonly PictureRow[],
  prices: Prices,
): Pieces<ReadonlyMap<PictureRow, Spent>> {
  const spent = new Map<PictureRow, Spent>();
  let looked = 0;
  const sum = function* (rows: readonly PictureRow[]): Pieces<Spent> {
    let [tokens, cost] = [0, 0];
    for (const row of rows) {
      if (++looked % PIECE_LINES === 0) yield;
      if (row.kind === "note") continue;
      const inside = row.children.length === 0 ? NOTHING : yield* sum(row.children);
      const own = row.kind === "turn" ? spentIn(row, prices) : NOTHING;
      const all = { tokens: inside.tokens + own.tokens, cost: inside.cost + own.cost };
      if (all.tokens > 0) spent.set(row, all);
      tokens += all.tokens;
      cost += all.cost;
    }
    return { tokens, cost };
  };
  yield* sum(rows);
  return spent;
}

function spentIn(turn: PictureTurn, prices: Prices): Spent {
  if (turn.tokens === 0) return NOTHING;
  const tokens = { prompt_tokens: turn.promptTokens, completion_tokens: turn.completionTokens };
  return { tokens: turn.tokens, cost: prices === null ? 0 : priceOf(turn.model, tokens, prices) };
}

const NOTHING: Spent = { tokens: 0, cost: 0 };
