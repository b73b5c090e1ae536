/**
 * Two states of the sources, each in a folder of its own, with the same benches and the same packages.
 *
 * @module
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../tests/harness/run/paths.ts";

/** One of the two. */
export interface Side {
  readonly label: string;
  readonly folder: string;
}

/** Both, until they are removed. */
export interface Sides {
  readonly before: Side;
  readonly after: Side;
  /** Removes what was made for them. Needs no waiting, so that it works when the process is being ended. */
  remove(): void;
}

/** A name that does not refer to a commit of this repository. */
export class CommitError extends Error {}

/**
 * Checks two commits out into a temporary folder.
 *
 * Both get the benches of the later one, or a change of a bench would look like one of the sources, and the packages that
 * are installed here.
 *
 * @param after Null for what is in the working tree.
 * @throws {CommitError} If one of them does not refer to a commit.
 */
export function checkOut(before: string, after: string | null, repository = root): Sides {
  const [oldCommit, newCommit] = [before, after].map((name) =>
    name === null ? null : commitOf(name, repository)
  );
  const temporary = mkdtempSync(join(tmpdir(), "locus-compare-"));
  const folders: string[] = [];
  const remove = () => {
    for (const folder of folders.splice(0)) {
      git(repository, "worktree", "remove", "--force", folder);
    }
    rmSync(temporary, { recursive: true, force: true });
  };
  const add = (name: string, commit: string): Side => {
    const folder = join(temporary, name);
    folders.push(folder);
    const { ok, text } = git(repository, "worktree", "add", "--quiet", "--detach", folder, commit);
    if (!ok) throw new Error(`Cannot check out ${commit}: ${text}`);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return { label: git(repository, "log", "-1", "--format=%h %s", commit).text, folder };
  };
  try {
    const later = newCommit == null
      ? { label: "the working tree", folder: repository }
      : add("after", newCommit);
    const earlier = add("before", oldCommit!);
    rmSync(join(earlier.folder, "bench"), { recursive: true, force: true });
    cpSync(join(later.folder, "bench"), join(earlier.folder, "bench"), { recursive: true });
    return { before: earlier, after: later, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The parent of what is checked out, or why this folder has none. */
export function parentOf(repository = root): { commit: string } | { missing: string } {
  const { ok, text } = git(repository, "rev-parse", "--is-shallow-repository");
  if (!ok) return { missing: "this is not a git repository" };
  const parent = git(repository, "rev-parse", "--verify", "--quiet", "HEAD^");
  if (parent.ok) return { commit: parent.text };
  return { missing: text === "true" ? "the clone is shallow" : "the first commit has no parent" };
}

function commitOf(name: string, repository: string): string {
  const { ok, text } = git(
    repository,
    ...["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`],
  );
  if (ok) return text;
  const isShallow = git(repository, "rev-parse", "--is-shallow-repository").text === "true";
  throw new CommitError(
    `"${name}" is not a commit of this repository${
      isShallow ? ", which is a shallow clone" : ""
    }; ` +
      "give a hash, a branch, a tag or something like HEAD~3",
  );
}

function git(repository: string, ...args: string[]): { ok: boolean; text: string } {
  const { success, stdout, stderr } = new Deno.Command("git", { args, cwd: repository })
    .outputSync();
  const decoder = new TextDecoder();
  return { ok: success, text: decoder.decode(success ? stdout : stderr).trim() };
}
