/** Which claims a summary makes, and where the evidence says so. */

import type { ClaimSupport } from "../agent/reasoning/grounding/grounding_score.ts";
import { normalize, wordsOf } from "../agent/reasoning/grounding/words.ts";
import type { ResearchCitation, ResearchFact, ResearchSource } from "./state.ts";

/** The sentences of a text that are long enough to claim something: the first 200, which is what one judge reads. */
export function claimsOf(text: string): string[] {
  return sentencesIn(text).map(({ segment }) => segment.replace(/\s+/g, " ").trim())
    .filter((claim) => claim.length > MIN_CLAIM).slice(0, MAX_CLAIMS);
}

/** The claims with the sentences of the facts that share at least half of their words. */
export function cite(
  claims: readonly ClaimSupport[],
  facts: readonly ResearchFact[],
): ResearchCitation[] {
  const sentences = facts.flatMap((fact) =>
    sentencesIn(fact.text).map(({ segment, index }) => ({ fact, segment, index }))
  ).map((sentence) => ({ ...sentence, words: wordsOf(sentence.segment) }));
  return claims.map(({ claim, score }) => {
    const words = [...wordsOf(claim)];
    const plain = normalize(claim);
    const best = new Map<
      ResearchFact,
      { share: number; source: ResearchSource }
    >();
    for (const { fact, segment, index, words: there } of sentences) {
      const shared = words.filter((word) => there.has(word)).length /
        (words.length || 1);
      const share = plain !== "" && normalize(segment).includes(plain) ? 1 : shared;
      if (share < MIN_SHARE || share <= (best.get(fact)?.share ?? 0)) continue;
      const { id, source, tool_span_id } = fact;
      const start = index + segment.length - segment.trimStart().length;
      const end = index + segment.trimEnd().length;
      best.set(fact, { share, source: { fact_id: id, source, tool_span_id, start, end } });
    }
    const ranked = [...best.values()].sort((a, b) => b.share - a.share);
    return { claim, score, sources: ranked.slice(0, MAX_SOURCES).map(({ source }) => source) };
  });
}

function sentencesIn(text: string): Intl.SegmentData[] {
  return [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text)];
}

const MIN_CLAIM = 10;
const MAX_CLAIMS = 200;
const MIN_SHARE = 0.5;
const MAX_SOURCES = 3;
