/** What the tools of a program are good for. */

import type { Tool } from "../agent/tools/tool.ts";
import { checkText } from "../core/checks.ts";
import { readChoice, readName } from "../core/option_values.ts";
import { checkOptions, describe } from "../core/options.ts";
import { hasMethod } from "../core/describe.ts";
import type { RouterLevel } from "../events/catalogue/router.ts";
import { LEVELS } from "./frame.ts";

/** Something that can be done. */
export interface Capability {
  /** By which frames ask for it. */
  readonly id: string;
  /** What it does, for the model that reads requests. */
  readonly description: string;
  /** The subject it belongs to. @default {"": all} */
  readonly domain?: string;
  /** How much harm it can do, for the model that reads requests. @default {"low"} */
  readonly risk?: RouterLevel;
  /** What does it: a tool, or a person. */
  readonly tool: Tool | "$human";
}

/** Capabilities by id. */
export class CapabilityIndex {
  readonly #byId = new Map<string, Required<Capability>>();

  /**
   * Makes an index of these capabilities.
   *
   * @throws {TypeError} If one is not a capability, or two have one id.
   */
  constructor(capabilities: readonly Capability[] = []) {
    if (!Array.isArray(capabilities)) {
      throw new TypeError(
        `CapabilityIndex: expected a list of capabilities, got ${describe(capabilities)}`,
      );
    }
    for (const capability of capabilities) this.#add(capability);
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** All of them, in order. */
  all(): readonly Required<Capability>[] {
    return [...this.#byId.values()];
  }

  /** Whether there is one of that id. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Those of a domain, and those of all. */
  forDomain(domain: string): readonly Required<Capability>[] {
    return this.all().filter(({ domain: own }) => own === "" || own === domain);
  }

  /** Those with these ids. @throws {RangeError} If one is missing; it names all that are. */
  lookup(ids: readonly string[]): readonly Required<Capability>[] {
    const missing = ids.filter((id) => !this.has(id));
    if (missing.length === 0) return [...new Set(ids)].map((id) => this.#byId.get(id)!);
    const known = [...this.#byId.keys()].join(", ") || "none";
    throw new RangeError(`lookup(): no capability ${missing.join(", ")}; there are: ${known}`);
  }

  /** The tool of a capability. @throws {RangeError} If there is no such capability, or a person does it. */
  resolveTool(id: string): Tool {
    const { tool } = this.lookup([id])[0]!;
    if (tool === "$human") throw new RangeError(`resolveTool(): a person does "${id}"`);
    return tool;
  }

  #add(capability: Capability): void {
    checkOptions("capability", capability, ["id", "description", "domain", "risk", "tool"]);
    const { id, description, domain = "", risk = "low", tool } = capability;
    readName("capability", "id", id);
    const owner = `capability "${id}"`;
    checkText(owner, "description", description);
    checkText(owner, "domain", domain);
    readChoice(owner, "risk", risk, LEVELS);
    if (tool !== "$human" && !hasMethod(tool, "execute")) {
      throw new TypeError(`${owner}: "tool" must be a tool or "$human", got ${describe(tool)}`);
    }
    if (this.has(id)) throw new TypeError(`${owner}: there is already one of that id`);
    this.#byId.set(id, Object.freeze({ id, description, domain, risk, tool }));
  }
}
