import { exitMeaning } from '../errors/entry.ts';
import type { Io } from '../io/io.ts';
import { type Palette, palette } from './palette.ts';
import { width, wrap } from './wrap.ts';

/** A flag as oclif.manifest.json holds it. */
export interface HelpFlag {
  name: string;
  type: string;
  char?: string;
  summary?: string;
  description?: string;
  helpGroup?: string;
  helpValue?: string | string[];
  options?: readonly string[];
  default?: unknown;
  allowNo?: boolean;
  multiple?: boolean;
  required?: boolean;
  hidden?: boolean;
}

export interface HelpArg {
  name: string;
  description?: string;
  required?: boolean;
  multiple?: boolean;
  hidden?: boolean;
}

/** A command as oclif.manifest.json holds it; `id` has colons. */
export interface HelpCommand {
  id: string;
  summary?: string;
  description?: string;
  examples?: readonly (string | { description?: string; command: string })[];
  flags: Readonly<Record<string, HelpFlag>>;
  args: Readonly<Record<string, HelpArg>>;
  strict?: boolean;
  hidden?: boolean;
}

/** What help is made from: the manifest and the name of the program. */
export interface HelpSource {
  bin: string;
  /** One line on what the program is. */
  description: string;
  commands: readonly HelpCommand[];
  /** Descriptions of the groups, by name. */
  topics: Readonly<Record<string, { description?: string }>>;
}

type Screen = Pick<Io, 'colour' | 'columns'>;

const WIDEST = 80;
/** The order of a working day; other commands follow by name. */
const FIRST = ['deploy', 'status', 'logs', 'teardown', 'doctor', 'demo', 'explain'];
const HELP_FLAG: HelpFlag = { name: 'help', char: 'h', type: 'boolean', summary: 'Show help.' };
const VERSION_FLAG: HelpFlag = { name: 'version', char: 'V', type: 'boolean', summary: 'Show the versions of todoctl and Node.' };

/** Help of the whole program: commands by group, the flags that all share, the exit codes. */
export function rootHelp(source: HelpSource, screen: Screen): string {
  const { commands } = source;
  const ui = palette(screen);
  const single = commands.filter(({ id, hidden }) => !hidden && !id.includes(':')).sort(byWorkingDay);
  const groups = [...new Set(commands.filter(({ id }) => id.includes(':')).map(({ id }) => groupOf(id)))].sort();
  const shared = globalFlags(Object.values(commands[0]?.flags ?? {}));
  const exits = Object.entries(exitMeaning).map(([code, meaning]) => [code.padStart(3), meaning] as const);
  return page([
    wrap(source.description, widthOf(screen)),
    section(ui, 'USAGE', `  $ ${source.bin} COMMAND [FLAGS]`),
    section(ui, 'COMMANDS', columns(single.map((command) => summaryOf(command, source)), screen)),
    ...groups.map((group) => section(ui, group.toUpperCase(), groupList(group, source, screen))),
    section(ui, 'FLAGS OF EVERY COMMAND', columns([...shared, VERSION_FLAG].map(flagLine), screen)),
    section(ui, 'EXIT CODES', columns(exits, screen)),
    ui.dim(wrap(`${source.bin} COMMAND --help shows the flags of a command and examples.`, widthOf(screen))),
  ]);
}

/** Help of a group of commands, like `events`. */
export function groupHelp(group: string, source: HelpSource, screen: Screen): string {
  const ui = palette(screen);
  return page([
    source.topics[group]?.description ?? '',
    section(ui, 'USAGE', `  $ ${source.bin} ${group} COMMAND [FLAGS]`),
    section(ui, 'COMMANDS', groupList(group, source, screen)),
  ]);
}

/** Help of one command. */
export function commandHelp(command: HelpCommand, source: HelpSource, screen: Screen): string {
  const ui = palette(screen);
  const text = (template: string): string => template.replace(/<%=\s*config\.bin\s*%>/g, source.bin).replace(/<%=\s*command\.id\s*%>/g, spoken(command.id));
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const args = Object.values(command.args).filter(({ hidden }) => !hidden);
  const own = flags.filter((flag) => !isGlobal(flag));
  const usage = [source.bin, spoken(command.id), ...args.map((arg) => argUsage(arg, command)), '[FLAGS]'].join(' ');
  const examples = (command.examples ?? []).map((example) =>
    typeof example === 'string' ? `  $ ${text(example)}` : `${wrap(text(example.description ?? ''), widthOf(screen), '  ')}\n    $ ${text(example.command)}`,
  );
  return page([
    wrap(text(command.summary ?? ''), widthOf(screen)),
    section(ui, 'USAGE', `  $ ${usage}`),
    section(ui, 'ARGUMENTS', columns(args.map((arg) => [`${arg.name.toUpperCase()}${repeats(arg, command)}`, arg.description ?? ''] as const), screen)),
    section(ui, 'FLAGS', columns(own.map(flagLine), screen)),
    section(ui, 'GLOBAL FLAGS', columns(globalFlags(flags).map(flagLine), screen)),
    section(ui, 'DESCRIPTION', command.description ? wrap(flowing(text(command.description)), widthOf(screen), '  ') : ''),
    section(ui, 'EXAMPLES', examples.join('\n')),
  ]);
}

function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section({ bold }: Palette, title: string, body: string): string {
  return body === '' ? '' : `${bold(title)}\n${body}`;
}

/** Two columns: the left as wide as its widest entry, the right wrapped. */
function columns(rows: readonly (readonly [left: string, right: string])[], screen: Screen): string {
  const left = Math.max(0, ...rows.map(([name]) => width(name)));
  return rows.map(([name, words]) => wrap(words, widthOf(screen), `  ${name.padEnd(left)}  `)).join('\n');
}

function groupList(group: string, source: HelpSource, screen: Screen): string {
  const commands = source.commands.filter(({ id, hidden }) => !hidden && id.startsWith(`${group}:`));
  return columns(commands.map((command) => summaryOf(command, source)), screen);
}

function summaryOf({ id, summary, description }: HelpCommand, { bin }: HelpSource): [string, string] {
  return [spoken(id), (summary ?? description?.split('\n')[0] ?? '').replace(/<%=\s*config\.bin\s*%>/g, bin)];
}

function flagLine(flag: HelpFlag): readonly [string, string] {
  const short = flag.char ? `-${flag.char}, ` : '    ';
  const value = flag.type === 'option' ? ` ${valueOf(flag)}${flag.multiple ? '...' : ''}` : '';
  const words = [flag.summary ?? flag.description ?? '', ...(flag.options && flag.helpValue ? [`One of ${flag.options.join(', ')}.`] : []), ...preset(flag)];
  return [`${short}--${flag.allowNo ? '[no-]' : ''}${flag.name}${value}`, words.join(' ')];
}

function valueOf({ helpValue, options, name }: HelpFlag): string {
  if (helpValue !== undefined) return Array.isArray(helpValue) ? helpValue.join(' ') : helpValue;
  return options?.join('|') ?? name.toUpperCase();
}

function preset({ required, default: value }: HelpFlag): string[] {
  if (required) return ['(required)'];
  return typeof value === 'string' || typeof value === 'number' ? [`(default: ${value})`] : [];
}

function argUsage(arg: HelpArg, command: HelpCommand): string {
  const name = `${arg.name.toUpperCase()}${repeats(arg, command)}`;
  return arg.required ? name : `[${name}]`;
}

/** The last argument of a command that takes any number of them. */
function repeats(arg: HelpArg, { args, strict }: HelpCommand): string {
  const last = Object.values(args).at(-1);
  return arg.multiple || (strict === false && last?.name === arg.name) ? '...' : '';
}

/** As in Markdown: one line break is a space, an empty line begins a paragraph. */
function flowing(text: string): string {
  return text.trim().replace(/(?<!\n)\n(?!\n)/g, ' ');
}

/** What every command takes, those with a letter first. */
function globalFlags(flags: readonly HelpFlag[]): HelpFlag[] {
  return [...flags.filter(isGlobal), HELP_FLAG].sort((a, b) => Number(b.char !== undefined) - Number(a.char !== undefined));
}

function isGlobal({ helpGroup }: HelpFlag): boolean {
  return helpGroup === 'GLOBAL';
}

function byWorkingDay(a: HelpCommand, b: HelpCommand): number {
  const rank = ({ id }: HelpCommand): number => (FIRST.includes(id) ? FIRST.indexOf(id) : FIRST.length);
  return rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
}

function groupOf(id: string): string {
  return id.slice(0, id.lastIndexOf(':'));
}

function spoken(id: string): string {
  return id.replaceAll(':', ' ');
}

function widthOf({ columns: available }: Screen): number {
  return Math.min(available, WIDEST);
}
