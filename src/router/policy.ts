/** What may run, and what a person must agree to first. */

import { readChoice } from "../core/option_values.ts";
import { checkOptions } from "../core/options.ts";
import type { RouterLevel } from "../events/catalogue/router.ts";
import { type GoalFrame, LEVELS, rankOf } from "./frame.ts";
import type { Protocol } from "./protocol.ts";

/** What the router may do. */
export interface PolicyOptions {
  /** Requests of more risk are denied. @default {"high"} */
  readonly maxRisk?: RouterLevel;
  /** Requests of more risk need an approval. @default {"medium"} */
  readonly requireApprovalAbove?: RouterLevel;
}

/** What the policy says of a request and its protocol. */
export interface PolicyVerdict {
  /** Whether it may run at all. */
  readonly allow: boolean;
  /** Whether a person must agree before it runs. */
  readonly require_approval: boolean;
  /** Which values led to this; `ok` if nothing stood against it. */
  readonly reason: string;
}

/** @throws {TypeError} If an option is unknown or no level. */
export function readPolicy(owner: string, options: PolicyOptions): Required<PolicyOptions> {
  checkOptions(`${owner}: "policy"`, options, ["maxRisk", "requireApprovalAbove"]);
  const { maxRisk = "high", requireApprovalAbove = "medium" } = options;
  return {
    maxRisk: readChoice(owner, "policy.maxRisk", maxRisk, LEVELS),
    requireApprovalAbove: readChoice(
      owner,
      "policy.requireApprovalAbove",
      requireApprovalAbove,
      LEVELS,
    ),
  };
}

/** Judges. */
export function judge(
  { maxRisk, requireApprovalAbove }: Required<PolicyOptions>,
  { risk, approval_required }: GoalFrame,
  { id, riskMax, requiresApproval }: Pick<Protocol, "id" | "riskMax" | "requiresApproval">,
): PolicyVerdict {
  const exceeds = (level: RouterLevel) => rankOf(risk) > rankOf(level);
  const deny = (reason: string) => ({ allow: false, require_approval: false, reason });
  const ask = (reason: string) => ({ allow: true, require_approval: true, reason });
  if (exceeds(maxRisk)) return deny(`risk ${risk} exceeds maxRisk ${maxRisk}`);
  if (exceeds(riskMax!)) return deny(`risk ${risk} exceeds riskMax ${riskMax} of ${id}`);
  if (approval_required) return ask("the request requires an approval");
  if (exceeds(requireApprovalAbove)) {
    return ask(`risk ${risk} exceeds requireApprovalAbove ${requireApprovalAbove}`);
  }
  if (requiresApproval) return ask(`${id} requires an approval`);
  return { allow: true, require_approval: false, reason: "ok" };
}
