import process from "node:process";
import { eventCatalogue } from "../../events/catalogue/mod.ts";
import type { EventRow } from "../../events/catalogue/rows.ts";
import { compileSelect } from "../../core/bus/select.ts";
import type { Command } from "../command.ts";
import { CliError, EXIT } from "../exit_code.ts";
import { didYouMean } from "../../core/nearest.ts";
import { jsonLine, write } from "../output.ts";
import { drawFacts, type Fact } from "../screen/facts.ts";
import { capabilitiesOf } from "../screen/terminal.ts";

/** `locus events`: prints the catalogue. */
export const eventsCommand: Command = {
  usage: "events [name] [--json]",
  summary: "Prints the catalogue of events, or one of them",
  about: [`[name] is an event such as agent.think, or a prefix such as "agent.tool.*".`],
  words: [0, 1],
  choices: Object.keys(eventCatalogue),
  options: {
    json: { about: "the events and the JSON Schemas of their payloads, one a line" },
  },

  async run({ words: [name], flags }) {
    const rows = select(name);
    if (flags.has("json")) {
      const schemas = await loadSchemas();
      for (const [type, row] of rows) {
        await write(jsonLine({ event_type: type, ...row, schema: schemas[type] }));
      }
      return EXIT.done;
    }
    const { live, width } = capabilitiesOf(process.stdout, process.env);
    const facts = rows.length === 1 ? await describe(rows[0]!) : rows.map(toFact);
    for (const line of drawFacts(facts, width, live)) await write(`${line}\n`);
    return EXIT.done;
  },
};

type NamedRow = readonly [type: string, row: EventRow];

function select(name: string | undefined): NamedRow[] {
  const rows = Object.entries<EventRow>(eventCatalogue);
  if (name === undefined) return rows;
  const isWanted = selector(name);
  const wanted = rows.filter(([type]) => isWanted(type));
  if (wanted.length > 0) return wanted;
  const types = rows.map(([type]) => type);
  const near = types.filter((type) => type.includes(name));
  const advice = near.length > 0
    ? `; there is ${near.slice(0, 5).join(", ")}`
    : didYouMean(name, types);
  throw new CliError(`the catalogue has no event "${name}"${advice}`);
}

function selector(name: string): (type: string) => boolean {
  try {
    return compileSelect("Cannot select", name) ?? (() => true);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

function toFact([label, { summary }]: NamedRow): Fact {
  return { label, text: summary };
}

/** One event with all that is known of it. */
async function describe([type, row]: NamedRow): Promise<Fact[]> {
  const schema = (await loadSchemas())[type] as Schema | undefined;
  const facts: Fact[] = [{ label: type, text: row.summary }];
  if (row.note !== undefined) facts.push({ label: "", text: row.note });
  if (row.pairs_with !== undefined) facts.push({ label: "pairs with", text: row.pairs_with });
  for (const [key, property] of Object.entries(schema?.properties ?? {})) {
    facts.push({ label: `  ${key}`, text: typeOf(property) });
  }
  return facts;
}

/** The part of a JSON Schema that is shown. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.type === "array") {
    return `${schema.items === undefined ? "any" : typeOf(schema.items)}[]`;
  }
  return schema.type === undefined ? "any" : [schema.type].flat().join(" | ");
}

/** The schemas need zod, which nothing else here does. */
async function loadSchemas(): Promise<Record<string, object>> {
  const { eventJsonSchemas } = await import("../../events/schemas.ts");
  return eventJsonSchemas();
}
