import type { Command, Option } from "../command.ts";
import { EXIT, UsageError } from "../exit_code.ts";
import { write } from "../output.ts";

type Commands = Readonly<Record<string, Command>>;

/** `locus completion`: prints a script with which a shell completes the words of this program. */
export const completionCommand = (commandsOf: () => Commands): Command => ({
  usage: `completion <${Object.keys(SCRIPTS).join("|")}>`,
  summary: "Prints a script that completes commands, options and their values in your shell",
  about: [
    `bash: source <(locus completion bash)    in ~/.bashrc
zsh:  source <(locus completion zsh)     in ~/.zshrc, after compinit
fish: locus completion fish > ~/.config/fish/completions/locus.fish`,
  ],
  words: [1, 1],
  choices: Object.keys(SCRIPTS),
  options: {},

  async run({ words: [shell = ""] }) {
    if (!Object.hasOwn(SCRIPTS, shell)) {
      const known = Object.keys(SCRIPTS).join(", ");
      throw new UsageError(`the shell must be one of ${known}, got "${shell}"`);
    }
    await write(SCRIPTS[shell]!(commandsOf()));
    return EXIT.done;
  },
});

/** The script of each shell. */
const SCRIPTS: Readonly<Record<string, (commands: Commands) => string>> = { bash, zsh, fish };

/** Where nothing is known of a word, bash goes on with the names of files. */
function bash(commands: Commands): string {
  const cases = Object.entries(commands).map(([name, { choices = [], options }]) => {
    const values = Object.entries(options).flatMap(([option, { value, choices = [] }]) =>
      value === undefined ? [] : [`        --${option}) known="${choices.join(" ")}" ;;\n`]
    );
    return `    ${name})
      case $before in
${values.join("")}        *)
          [[ $COMP_CWORD == 2 ]] && known="${choices.join(" ")}"
          [[ $word == -* ]] && known="${optionsOf(options).join(" ")}"
      esac ;;
`;
  });
  return `_locus() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} known=
  case \${COMP_WORDS[1]} in
${cases.join("")}  esac
  [[ $COMP_CWORD == 1 ]] && known="${Object.keys(commands).join(" ")} --help --version"
  COMPREPLY=($(compgen -W "$known" -- "$word"))
}
complete -o default -F _locus locus
`;
}

function zsh(commands: Commands): string {
  const names = Object.entries(commands).map(([name, { summary }]) =>
    `    ${quoted(`${name}:${summary}`)}`
  );
  const cases = Object.entries(commands).map(([name, { choices, options }]) => {
    const specs = Object.entries(options).map(([option, { about, value, choices }]) => {
      const text = `--${option}[${plain(about).replace(/[[\]:]/g, "\\$&")}]`;
      if (value === undefined) return quoted(text);
      return quoted(`*${text}:${value.replaceAll(":", "\\:")}:${valuesOf(choices)}`);
    });
    const words = [...specs, quoted("--help[more of it]"), quoted(`1:word:${valuesOf(choices)}`)];
    return `    ${name}) _arguments ${[...words, quoted("*:file:_files")].join(" \\\n      ")} ;;`;
  });
  return `#compdef locus
_locus() {
  local -a commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _locus ]]; then _locus "$@"; else compdef _locus locus; fi
`;
}

function fish(commands: Commands): string {
  const lines = Object.entries(commands).flatMap(([name, { summary, choices, options }]) => {
    const within = `complete -c locus -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c locus -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(choices === undefined ? [] : [`${within} -f -a ${quoted(choices.join(" "))}`]),
      ...Object.entries(options).map(([option, { about, value, choices }]) =>
        `${within} -l ${option} -d ${quoted(plain(about))}` +
        (choices !== undefined
          ? ` -x -a ${quoted(choices.join(" "))}`
          : value === undefined
          ? ""
          : " -r")
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function optionsOf(options: Readonly<Record<string, Option>>): string[] {
  return [...Object.keys(options), "help"].map((name) => `--${name}`);
}

function valuesOf(choices: readonly string[] | undefined): string {
  return choices === undefined ? "_files" : `(${choices.join(" ")})`;
}

function plain(about: string): string {
  return about.replace(/\s+/g, " ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
