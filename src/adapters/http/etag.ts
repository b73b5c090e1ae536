/**
 * Whether `If-None-Match` names an entity tag, so that the client has the answer already: RFC 9110, 13.1.2.
 *
 * The comparison is weak, because whatever compresses an answer on its way makes its tag weak.
 */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.match(OPAQUE_TAG)?.includes(opaqueTagOf(etag)) ?? false;
}

function opaqueTagOf(etag: string): string {
  return etag.replace(/^W\//, "");
}

// A tag may contain commas, so the list is not split at them.
const OPAQUE_TAG = /"[^"]*"/g;
