import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { readSkill, validateSkill } from "../../src/skills/mod.ts";

const skillOf = (yaml: string, body = "Do it.") => `---\n${yaml}\n---\n\n${body}\n`;
const minimal = "name: my-skill\ndescription: What it does";

test("readSkill() reads every field of the standard", () => {
  const yaml = `${minimal}
license: MIT
compatibility: Needs git
allowed-tools: Bash(git add:*) Read, Write
metadata:
  version: 1.10
  author: someone`;
  const { skill, warnings } = readSkill(skillOf(yaml));
  const { hash: _, ...fields } = skill;
  assertEquals(warnings, []);
  assertEquals(fields, {
    name: "my-skill",
    description: "What it does",
    instructions: "Do it.",
    license: "MIT",
    compatibility: "Needs git",
    allowedTools: ["Bash(git add:*)", "Read", "Write"],
    metadata: { version: "1.10", author: "someone" },
    folder: null,
  });
});

const long = (length: number) => "a".repeat(length);

/** What strict validation says of a SKILL.md in the folder `my-skill`. */
const strict: readonly (readonly [what: string, text: string, problems: readonly string[]])[] = [
  ["the least", skillOf(minimal), []],
  [
    "every key",
    skillOf(`${minimal}\nlicense: MIT\ncompatibility: x\nmetadata: {a: b}\nallowed-tools: [Read]`),
    [],
  ],
  ["Windows' line ends", skillOf(minimal).replaceAll("\n", "\r\n"), []],
  ["--- inside of a value", skillOf(`name: my-skill\ndescription: a --- b`), []],
  ["a block of text", skillOf("name: my-skill\ndescription: |\n  One.\n  Two."), []],
  ["no front matter", "# A skill", ["no front matter"]],
  ["front matter that comes later", `\n${skillOf(minimal)}`, ["no front matter"]],
  ["front matter without an end", "---\nname: x\n", ["the front matter has no end"]],
  ["a list", "---\n- a\n---\n", ["the front matter is not a mapping"]],
  ["no name", skillOf("description: x"), ["it has no name"]],
  ["no description", skillOf("name: my-skill"), ["it has no description"]],
  ["an empty description", skillOf("name: my-skill\ndescription:"), ["it has no description"]],
  ["an unknown key", skillOf(`${minimal}\nauthor: me`), ['unknown key "author"']],
  ["upper case", skillOf("name: My-Skill\ndescription: x"), [
    "the name is not in lower case",
    'the name "My-Skill" is not that of its folder, "my-skill"',
  ]],
  ["a long description", skillOf(`name: my-skill\ndescription: ${long(1025)}`), [
    "description is longer than 1024 characters",
  ]],
  ["a long compatibility", skillOf(`${minimal}\ncompatibility: ${long(501)}`), [
    "compatibility is longer than 500 characters",
  ]],
  ["metadata that is a text", skillOf(`${minimal}\nmetadata: x`), ["metadata is not a mapping"]],
  ["metadata in metadata", skillOf(`${minimal}\nmetadata: {a: {b: c}}`), [
    'metadata "a" is not a text',
  ]],
];

for (const [what, text, problems] of strict) {
  test(`validateSkill() judges ${what}`, () => {
    assertEquals(validateSkill(text, "my-skill"), problems);
  });
}

test("validateSkill() judges names as the reference does", () => {
  const judge = (name: string, folder: string | null = name) =>
    validateSkill(skillOf(`name: "${name}"\ndescription: x`), folder).length === 0;
  for (const name of ["a", "a1", "1-a", "ελληνικά", "数据-1", long(64), "cafe\u0301"]) {
    assertEquals(judge(name), true, name);
  }
  for (const name of [long(65), "-a", "a-", "a--b", "a_b", "a b", "A", "a/b", "a.b", "😀"]) {
    assertEquals(judge(name), false, name);
  }
  // Composed and decomposed are one name.
  assertEquals(judge("cafe\u0301", "café"), true);
  assertEquals(judge("a", "b"), false);
});

for (
  const [what, yaml] of [
    ["an alias", "name: a\ndescription: &x y\nlicense: *x"],
    ["a deep value", "name: a\ndescription: x\nmetadata: {a: {b: {c: {d: {e: f}}}}}"],
    ["a type of its own", "name: a\ndescription: !!js/function x"],
    ["one key twice", "name: a\ndescription: x\ndescription: y"],
    ["too much", `name: a\ndescription: x\nlicense: ${long(17_000)}`],
  ] as const
) {
  test(`neither takes ${what} in the front matter`, () => {
    assertEquals(validateSkill(skillOf(yaml)).length, 1);
    assertThrows(() => readSkill(skillOf(yaml)), Error, "front matter");
  });
}

test("readSkill() loads what is wrong in details, and says so", () => {
  const yaml = "name: My_Skill\ndescription: Use when: asked\nicon: x\nmetadata:\n  n: [1]";
  const folder = {
    path: "/skills/other",
    files: { list: () => Promise.resolve([]), read: () => Promise.reject() },
  };
  const { skill, warnings } = readSkill(`\ufeff${skillOf(yaml)}`, folder);
  assertEquals([skill.name, skill.description], ["My_Skill", "Use when: asked"]);
  assertEquals(skill.metadata, { n: '["1"]' });
  assertEquals(warnings, [
    'unknown key "icon"',
    "the name is not in lower case",
    "the name has other characters than letters, digits and hyphens",
    'the name "My_Skill" is not that of its folder, "other"',
    'metadata "n" is not a text',
    "the front matter is not YAML; values with a colon were quoted",
  ]);
  assertEquals(readSkill(skillOf("description: x"), folder).skill.name, "other");
});

test("readSkill() refuses what cannot be used", () => {
  assertThrows(() => readSkill("# Text"), Error, "no front matter");
  assertThrows(() => readSkill(skillOf("name: a")), Error, "it has no description");
  assertThrows(() => readSkill(skillOf("description: a")), Error, "it has no name");
  assertThrows(() => readSkill(skillOf("name: [")), Error, "not YAML");
});

test("a key __proto__ changes nothing", () => {
  const { skill } = readSkill(skillOf(`${minimal}\n__proto__: {license: x}`));
  assertEquals(skill.license, null);
});
