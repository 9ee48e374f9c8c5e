import { commandHelp, type HelpCommand, type HelpSource } from '../../cli/ui/help.ts';

const NOTE = '<!-- Made by `npm run docs`; do not edit. -->';

/** One page per command, and an index: what `--help` says, as Markdown. Keys are file names in docs/commands/. */
export function commandPages(source: HelpSource): Map<string, string> {
  const commands = source.commands.filter(({ hidden }) => !hidden);
  const index = commands.map((command) => `| [\`${source.bin} ${spoken(command)}\`](${fileOf(command)}) | ${command.summary ?? ''} |`);
  return new Map([
    ['README.md', [NOTE, '# Commands', '', '| command | what it does |', '|---|---|', ...index, ''].join('\n')],
    ...commands.map((command) => [fileOf(command), page(command, source)] as const),
  ]);
}

function page(command: HelpCommand, source: HelpSource): string {
  const help = commandHelp(command, source, { colour: false, columns: 80 });
  return [NOTE, `# ${source.bin} ${spoken(command)}`, '', '```', help.trimEnd(), '```', ''].join('\n');
}

function fileOf(command: HelpCommand): string {
  return `${spoken(command).replaceAll(' ', '-')}.md`;
}

function spoken({ id }: HelpCommand): string {
  return id.replaceAll(':', ' ');
}
