/**
 * The cases of `skills-ref` (agentskills/agentskills, `skills-ref/tests`), by their names: what the reference validator of
 * Agent Skills accepts and refuses, and what it reads.
 */

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { loadSkills, readSkill, validateSkill } from "../../src/skills/mod.ts";

const skillOf = (name: string, more = "") =>
  `---\nname: ${name}\ndescription: A test skill\n${more}---\n# My Skill\n\nInstructions here.\n`;
const long = (length: number) => "x".repeat(length);

/** `test_validator.py`, and what `test_parser.py` refuses: the file, its folder, and what ours says. */
const validated: Readonly<
  Record<string, readonly [text: string, folder: string, problem?: string]>
> = {
  test_valid_skill: [skillOf("my-skill"), "my-skill"],
  test_invalid_name_uppercase: [skillOf("MySkill"), "MySkill", "not in lower case"],
  test_name_too_long: [skillOf("a".repeat(70)), "a".repeat(70), "longer than 64"],
  test_name_leading_hyphen: [skillOf("-my-skill"), "-my-skill", "begins or ends with a hyphen"],
  test_name_consecutive_hyphens: [skillOf("my--skill"), "my--skill", "two hyphens in a row"],
  test_name_invalid_characters: [skillOf("my_skill"), "my_skill", "other characters"],
  test_name_directory_mismatch: [skillOf("correct-name"), "wrong-name", "not that of its folder"],
  test_unexpected_fields: [skillOf("my-skill", "unknown_field: x\n"), "my-skill", "unknown key"],
  test_valid_with_all_fields: [
    skillOf("my-skill", "license: MIT\nmetadata:\n  author: Test\n"),
    "my-skill",
  ],
  test_allowed_tools_accepted: [
    skillOf("my-skill", "allowed-tools: Bash(jq:*) Bash(git:*)\n"),
    "my-skill",
  ],
  test_i18n_chinese_name: [skillOf("技能"), "技能"],
  test_i18n_russian_name_with_hyphens: [skillOf("мой-навык"), "мой-навык"],
  test_i18n_russian_lowercase_valid: [skillOf("навык"), "навык"],
  test_i18n_russian_uppercase_rejected: [skillOf("НАВЫК"), "НАВЫК", "not in lower case"],
  test_description_too_long: [
    `---\nname: my-skill\ndescription: ${long(1100)}\n---\nBody\n`,
    "my-skill",
    "longer than 1024",
  ],
  test_valid_compatibility: [
    skillOf("my-skill", "compatibility: Requires Python 3.11+\n"),
    "my-skill",
  ],
  test_compatibility_too_long: [
    skillOf("my-skill", `compatibility: ${long(550)}\n`),
    "my-skill",
    "longer than 500",
  ],
  test_nfkc_normalization: [skillOf("cafe\u0301"), "caf\u00e9"],
  test_missing_frontmatter: ["# No frontmatter here", "my-skill", "no front matter"],
  test_unclosed_frontmatter: ["---\nname: my-skill\n", "my-skill", "has no end"],
  test_invalid_yaml: [
    "---\nname: [invalid\ndescription: broken\n---\nBody\n",
    "my-skill",
    "not YAML",
  ],
  test_non_dict_frontmatter: ["---\n- just\n- a\n- list\n---\nBody\n", "my-skill", "not a mapping"],
  test_missing_name: ["---\ndescription: A test skill\n---\nBody\n", "my-skill", "no name"],
  test_missing_description: ["---\nname: my-skill\n---\nBody\n", "my-skill", "no description"],
};

for (const [name, [text, folder, problem]] of Object.entries(validated)) {
  test(`skills-ref: ${name}`, () => {
    const found = validateSkill(text, folder);
    assertEquals(found.length, problem === undefined ? 0 : 1, found.join("; "));
    assertEquals(found.every((said) => said.includes(problem!)), true, found.join("; "));
  });
}

test("skills-ref: test_valid_frontmatter, test_read_valid_skill", () => {
  const { skill } = readSkill(skillOf("my-skill", "license: MIT\n"));
  assertEquals([skill.name, skill.description, skill.license], ["my-skill", "A test skill", "MIT"]);
  assertEquals(skill.instructions, "# My Skill\n\nInstructions here.");
});

test("skills-ref: test_read_with_metadata", () => {
  const more = "metadata:\n  author: Test Author\n  version: 1.0\n";
  const { skill } = readSkill(skillOf("my-skill", more));
  assertEquals(skill.metadata, { author: "Test Author", version: "1.0" });
});

test("skills-ref: test_read_with_allowed_tools", () => {
  // The reference hands on the text; ours is the list.
  const { skill } = readSkill(skillOf("my-skill", "allowed-tools: Bash(jq:*) Bash(git:*)\n"));
  assertEquals(skill.allowedTools, ["Bash(jq:*)", "Bash(git:*)"]);
});

/** What is found in a folder with these files. */
async function inFolder(...names: string[]) {
  const { skills, diagnostics } = await loadSkills({
    user: ["my-skill"],
    files: {
      list: () => Promise.resolve(names.map((name) => ({ name, isFolder: false }))),
      read: (path) => Promise.resolve(skillOf("my-skill", `license: ${path}\n`)),
    },
  });
  return [skills.map(({ license }) => license), diagnostics.map(({ message }) => message)];
}

test("skills-ref: test_find_skill_md_prefers_uppercase", async () => {
  assertEquals(await inFolder("skill.md", "SKILL.md"), [["my-skill/SKILL.md"], []]);
});

test("skills-ref: test_find_skill_md_accepts_lowercase, test_read_properties_with_lowercase_skill_md", async () => {
  assertEquals((await inFolder("skill.md"))[0], ["my-skill/skill.md"]);
});

test("skills-ref: test_missing_skill_md, test_find_skill_md_returns_none_when_missing", async () => {
  assertEquals(await inFolder("README.md"), [[], []]);
});

test("skills-ref: test_nonexistent_path, test_not_a_directory", async () => {
  const list = () => Promise.reject(new Error("there is no such folder"));
  const { skills, diagnostics } = await loadSkills({
    user: ["nowhere"],
    files: { list, read: list },
  });
  assertEquals([skills, diagnostics], [[], [
    { path: "nowhere", level: "skipped", message: "there is no such folder" },
  ]]);
  assertThrows(() => readSkill(""), Error, "no front matter");
});
