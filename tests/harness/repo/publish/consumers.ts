/**
 * Who uses the package: the compiler options that people have, and what runs what came of it.
 *
 * @module
 */
import type { Compiler, DependencySet } from "./dependency_sets.ts";

/** What runs a program. */
export type Runner = "node20" | "node22" | "node24" | "bun" | "workerd";

/** A project that uses the package. */
export interface Consumer {
  readonly name: string;
  readonly packages: DependencySet;
  /** Both, unless said. */
  readonly compilers?: readonly Compiler[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Files of `programs`: compiled, and all but the declarations run. */
  readonly programs: readonly string[];
  /** Programs without types, which are only run. */
  readonly scripts?: readonly string[];
  readonly runners?: readonly Runner[];
}

const common = ["narrowing", "serve", "agent", "graph", "team"];

/** What every `tsc --init` has set for years. */
const strict = { strict: true, skipLibCheck: true, target: "es2022" };

const nodenext = { ...strict, module: "nodenext", moduleResolution: "nodenext" };
const bundler = { ...strict, module: "preserve", moduleResolution: "bundler" };

export const consumers: readonly Consumer[] = [
  {
    name: "Node: nodenext, without DOM",
    packages: "newest",
    options: { ...nodenext, lib: ["es2023"], types: ["node"] },
    programs: [...common, "otel_types"],
    scripts: ["otel"],
    runners: ["node20", "node22", "node24"],
  },
  {
    name: "Node: the oldest of each range",
    packages: "oldest",
    options: { ...nodenext, lib: ["es2023"], types: ["node"] },
    programs: [...common, "otel_types"],
    scripts: ["otel"],
    runners: ["node22"],
  },
  {
    name: "Node: declarations are checked, too",
    packages: "newest",
    compilers: ["TypeScript 7"],
    options: { ...nodenext, lib: ["esnext"], types: ["node"], skipLibCheck: false },
    programs: [...common, "entry_points"],
  },
  {
    name: "nodenext with DOM",
    packages: "newest",
    options: { ...nodenext, lib: ["es2023", "dom"], types: [] },
    programs: ["narrowing", "serve"],
  },
  {
    name: "a page: Vite's options",
    packages: "newest",
    options: { ...bundler, lib: ["es2022", "dom", "dom.iterable"], types: [] },
    programs: ["narrowing", "serve"],
  },
  {
    name: "a page: declarations are checked, too",
    packages: "newest",
    compilers: ["TypeScript 7"],
    options: {
      ...bundler,
      lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
      types: [],
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    },
    programs: ["narrowing", "serve", "entry_points"],
  },
  {
    name: "bun init",
    packages: "newest",
    options: {
      ...bundler,
      target: "esnext",
      lib: ["esnext"],
      types: ["bun"],
      moduleDetection: "force",
      jsx: "react-jsx",
      verbatimModuleSyntax: true,
      noFallthroughCasesInSwitch: true,
      noUncheckedIndexedAccess: true,
      noImplicitOverride: true,
    },
    programs: common,
    runners: ["bun"],
  },
  {
    name: "Workers",
    packages: "newest",
    options: { ...bundler, lib: ["es2024"], types: ["@cloudflare/workers-types"] },
    programs: ["narrowing", "worker"],
    runners: ["workerd"],
  },
  {
    name: "Next",
    packages: "next",
    options: {
      ...bundler,
      target: "es2017",
      module: "esnext",
      lib: ["dom", "dom.iterable", "esnext"],
      types: ["node"],
      jsx: "preserve",
      isolatedModules: true,
    },
    programs: ["narrowing", "next_route", "next"],
    runners: ["node24"],
  },
];
