import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { activateSkill, loadSkills, type SkillFiles } from "../../src/skills/mod.ts";
import { readResource } from "../../src/skills/resources.ts";

const skillOf = (name: string, description = "x") =>
  `---\nname: ${name}\ndescription: ${description}\n---\nDo it.`;

/** A file system of texts by path. */
function memoryFiles(texts: Readonly<Record<string, string>>): SkillFiles {
  return {
    list: (path) => {
      const inside = Object.keys(texts).filter((file) => file.startsWith(`${path}/`));
      if (inside.length === 0) return Promise.reject(new Error(`there is no ${path}`));
      const entries = new Map(inside.map((file) => {
        const [name, ...rest] = file.slice(path.length + 1).split("/");
        return [name!, rest.length > 0];
      }));
      return Promise.resolve([...entries].map(([name, isFolder]) => ({ name, isFolder })));
    },
    read: (path) =>
      texts[path] === undefined
        ? Promise.reject(new Error(`there is no ${path}`))
        : Promise.resolve(texts[path]),
  };
}

test("loadSkills() finds skills in folders of folders, but not everywhere", async () => {
  const files = memoryFiles({
    "home/b/SKILL.md": skillOf("b"),
    "home/a/skill.md": skillOf("a"),
    "home/group/c/SKILL.md": skillOf("c"),
    "home/group/c/inner/SKILL.md": skillOf("inner"),
    "home/1/2/3/4/SKILL.md": skillOf("4"),
    "home/1/2/3/4x/5/SKILL.md": skillOf("5"),
    "home/node_modules/n/SKILL.md": skillOf("n"),
    "home/.git/g/SKILL.md": skillOf("g"),
    "home/notes.md": "# Notes",
  });
  const { skills, diagnostics } = await loadSkills({ user: ["home"], files });
  assertEquals(skills.map(({ name }) => name), ["a", "b", "c", "4"]);
  assertEquals(diagnostics, [
    { path: "home/a/skill.md", level: "warning", message: "the file is not called SKILL.md" },
  ]);
});

test("loadSkills() takes a project's skills only where it is trusted, and those go first", async () => {
  const files = memoryFiles({
    "project/a/SKILL.md": skillOf("a", "of the project"),
    "home/a/SKILL.md": skillOf("a", "of the person"),
  });
  const options = { project: ["project"], user: ["home"], files };
  const untrusted = await loadSkills(options);
  assertEquals(untrusted.skills.map(({ description }) => description), ["of the person"]);
  assertEquals(untrusted.diagnostics, [
    { path: "project", level: "skipped", message: "the project's skills are not trusted" },
  ]);
  const trusted = await loadSkills({ ...options, trust: (folder) => folder === "project" });
  assertEquals(trusted.skills.map(({ description }) => description), ["of the project"]);
  assertEquals(trusted.diagnostics, [
    { path: "home/a/SKILL.md", level: "skipped", message: '"a" is already that of project/a' },
  ]);
});

test("loadSkills() says what it could not read, and why", async () => {
  const files = memoryFiles({ "home/a/SKILL.md": "# No skill", "home/b/SKILL.md": skillOf("b") });
  const { skills, diagnostics } = await loadSkills({ user: ["home", "none"], files });
  assertEquals(skills.length, 1);
  assertEquals(diagnostics, [
    { path: "home/a/SKILL.md", level: "skipped", message: "no front matter" },
    { path: "none", level: "skipped", message: "there is no none" },
  ]);
});

test("loadSkills() looks into so many folders only", async () => {
  const files: SkillFiles = {
    list: () =>
      Promise.resolve(Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, isFolder: true }))),
    read: () => Promise.reject(new Error("none")),
  };
  const { diagnostics } = await loadSkills({ user: ["home"], files });
  assertEquals(diagnostics.map(({ message }) => message), ["more than 2000 folders"]);
});

async function withSkill(fn: (root: string) => Promise<void>) {
  const root = await mkdtemp(join(tmpdir(), "locus-skills-"));
  try {
    await mkdir(join(root, "s/references"), { recursive: true });
    await writeFile(join(root, "s/SKILL.md"), skillOf("s"));
    await writeFile(join(root, "s/references/guide.md"), "The guide.");
    await writeFile(join(root, "s/references/.hidden"), "Hidden.");
    await writeFile(join(root, "secret.txt"), "Secret.");
    await mkdir(join(root, "s-evil"));
    await writeFile(join(root, "s-evil/x"), "Evil.");
    await fn(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

test("files of a skill are read from disk, and none outside of it", async () => {
  await withSkill(async (root) => {
    await symlink(join(root, "secret.txt"), join(root, "s/references/link"));
    await symlink(join(root, "s-evil"), join(root, "s/evil"));
    const { skills: [skill] } = await loadSkills({ user: [root] });
    assertEquals(await readResource(skill!, "references/guide.md"), "The guide.");
    assertEquals(await readResource(skill!, "references/./guide.md"), "The guide.");
    const outside = [
      "",
      "../secret.txt",
      "references/../../secret.txt",
      join(root, "secret.txt"),
      "C:/secret.txt",
      "..\\secret.txt",
      "references/guide.md\0.txt",
      "references/link",
      "evil/x",
      "%2e%2e/secret.txt",
      "．．/secret.txt",
      ".",
    ];
    for (const path of outside) {
      const read = await readResource(skill!, path).catch(() => null);
      assertEquals(read, null, path);
    }
  });
});

test("a long file of a skill is cut, and says so", async () => {
  const files = memoryFiles({
    "home/a/SKILL.md": skillOf("a"),
    "home/a/long": "x".repeat(100_001),
  });
  const { skills: [skill] } = await loadSkills({ user: ["home"], files });
  assert((await readResource(skill!, "long")).endsWith("x\n[cut: 1 more characters]"));
  await assertRejects(() => readResource(skill!, "none"), Error, "there is no home/a/none");
});

test("activateSkill() names files without reading them, at most so many", async () => {
  const texts = Object.fromEntries(
    Array.from({ length: 22 }, (_, i) => [`home/a/scripts/${String(i).padStart(2, "0")}.sh`, "x"]),
  );
  const files = memoryFiles({
    "home/a/SKILL.md": skillOf("a"),
    "home/a/assets/logo.svg": "x",
    "home/a/scripts/.hidden": "x",
    ...texts,
  });
  const { skills: [skill] } = await loadSkills({ user: ["home"], files });
  const text = await activateSkill(skill!);
  assertEquals(text.match(/^- .*$/gm)?.length, 20);
  assert(text.includes("- scripts/00.sh\n") && text.includes("and 3 more"), text);
  assert(!text.includes(".hidden"));
});
