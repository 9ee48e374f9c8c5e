import { readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isatty } from 'node:tty';
import { nearest } from './errors/nearest.ts';
import { TodoctlError } from './errors/todoctl-error.ts';
import type { Io } from './io/io.ts';
import { explain, listErrors } from './operations/explain.ts';
import { commandHelp, groupHelp, type HelpCommand, type HelpSource, rootHelp } from './ui/help.ts';
import { errorText } from './views/error.ts';
import { errorListText, explanationText } from './views/explain.ts';

/** What a command line is answered with when the answer needs no oclif. */
export interface Answer {
  stdout?: string;
  stderr?: string;
  exit: number;
}

export interface FastPathGiven {
  /** The package's folder: package.json and oclif.manifest.json lie there. */
  root: string;
  env: NodeJS.ProcessEnv;
  screen: Pick<Io, 'colour' | 'columns'>;
}

/**
 * Answers `--version`, help, `explain` and unknown commands from the manifest and the catalogue alone: oclif takes three
 * times as long to load as Node to start (docs/decisions/0003-fast-path.md). Undefined: this command line is oclif's.
 */
export function answer(argv: readonly string[], given: FastPathGiven): Answer | undefined {
  const [first] = argv;
  const pjson = readJson(given.root, 'package.json') as PackageJson;
  if (first === '--version' || first === '-V') {
    return { stdout: `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}\n`, exit: 0 };
  }
  const end = argv.indexOf('--');
  const ours = end === -1 ? argv : argv.slice(0, end);
  const wantsHelp = argv.length === 0 || first === 'help' || ours.includes('--help') || ours.includes('-h');
  if (first === 'explain' && !wantsHelp) return explained(ours.slice(1), argv.length === ours.length, given);

  const source = helpSource(pjson, given.root);
  const words = wordsOf(first === 'help' ? ours.slice(1) : ours);
  const found = find(words, source);
  if (wantsHelp && (words.length === 0 || found)) return { stdout: help(found, source, given.screen), exit: 0 };
  if (typeof found === 'object') {
    const more = words.slice(found.id.split(':').length);
    // oclif would take them for the end of a longer command's name, and fail without a code.
    if (more.length > 0 && Object.keys(found.args).length === 0) return refused(unexpectedWords(found.id, more, source), argv, given);
    return undefined;
  }
  if (found !== undefined && words.length === 1) return { stdout: help(found, source, given.screen), exit: 0 };
  return refused(unknownCommand(argv, words, source), argv, given);
}

/** Answers on this process's streams. False: nothing was written, go on with oclif. */
export function fastPath(argv: readonly string[], root: string): boolean {
  const found = answer(argv, { root, env: process.env, screen: screenOf(process.env) });
  if (!found) return false;
  write(1, found.stdout ?? '');
  write(2, found.stderr ?? '');
  process.exitCode = found.exit;
  return true;
}

interface PackageJson {
  name: string;
  version: string;
  description: string;
  oclif: { bin: string; topics: HelpSource['topics'] };
}

function explained(args: readonly string[], whole: boolean, given: FastPathGiven): Answer | undefined {
  const words = args.filter((arg) => arg !== '--json');
  // Other flags and mistakes are for oclif's parser.
  if (!whole || words.length > 1 || words.some((word) => word.startsWith('-'))) return undefined;
  const json = wantsJson(args, given.env);
  const [code] = words;
  try {
    const result = code === undefined ? listErrors() : explain(code);
    if (json) return { stdout: jsonText(result), exit: 0 };
    return { stdout: 'errors' in result ? errorListText(result, given.screen) : explanationText(result, given.screen), exit: 0 };
  } catch (error) {
    if (error instanceof TodoctlError) return refused(error, args, given);
    throw error;
  }
}

function refused(error: TodoctlError, argv: readonly string[], { env, screen }: FastPathGiven): Answer {
  if (wantsJson(argv, env)) return { stdout: jsonText({ error }), exit: error.exit };
  return { stderr: errorText(error, screen), exit: error.exit };
}

function help(found: HelpCommand | string | undefined, source: HelpSource, screen: FastPathGiven['screen']): string {
  if (found === undefined) return rootHelp(source, screen);
  return typeof found === 'string' ? groupHelp(found, source, screen) : commandHelp(found, source, screen);
}

/** The command that the words begin with, or else the group's name. */
function find(words: readonly string[], { commands }: HelpSource): HelpCommand | string | undefined {
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':');
    const command = commands.find((candidate) => candidate.id === id);
    if (command) return command;
    if (commands.some((candidate) => candidate.id.startsWith(`${id}:`))) return id;
  }
  return undefined;
}

function unknownCommand(argv: readonly string[], words: readonly string[], { bin, commands }: HelpSource): TodoctlError {
  const names = commands.filter(({ hidden }) => !hidden).map(({ id }) => id.replaceAll(':', ' '));
  const [first = ''] = argv;
  if (words.length === 0 || first.startsWith('-')) {
    return new TodoctlError('TODOCTL_UNKNOWN_COMMAND', { message: `${first} stands where a command must stand`, next: [`Write flags behind the command: ${bin} COMMAND ${first}`] });
  }
  const wanted = words.slice(0, commands.some(({ id }) => id.startsWith(`${words[0]}:`)) ? 2 : 1).join(' ');
  const close = nearest(wanted, names) ?? names.find((name) => name.endsWith(` ${wanted}`));
  return new TodoctlError('TODOCTL_UNKNOWN_COMMAND', {
    message: `${bin} has no command ${wanted}`,
    ...(close === undefined ? {} : { next: [`Did you mean ${bin} ${close}?`, `${bin} --help shows all commands.`] }),
  });
}

function unexpectedWords(id: string, words: readonly string[], { bin }: HelpSource): TodoctlError {
  const command = `${bin} ${id.replaceAll(':', ' ')}`;
  return new TodoctlError('TODOCTL_USAGE', { message: `${command} takes no argument ${words.join(' ')}`, next: [`${command} --help shows its flags and examples.`] });
}

function helpSource({ description, oclif }: PackageJson, root: string): HelpSource {
  const manifest = readJson(root, 'oclif.manifest.json') as { commands: Record<string, HelpCommand> };
  return { bin: oclif.bin, description, topics: oclif.topics, commands: Object.values(manifest.commands) };
}

/** The words in front of the first flag: a command's name and perhaps arguments. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const flag = argv.findIndex((word) => word.startsWith('-'));
  return flag === -1 ? argv : argv.slice(0, flag);
}

function wantsJson(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return argv.includes('--json') || env['TODOCTL_CONTENT_TYPE']?.toLowerCase() === 'json';
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readJson(root: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

/** What processIo would say, without opening streams that are not a terminal: they cost more than the answer. */
function screenOf(env: NodeJS.ProcessEnv): FastPathGiven['screen'] {
  const columns = (isatty(1) && process.stdout.columns) || (isatty(2) && process.stderr.columns) || 80;
  return { columns, colour: !env['NO_COLOR'] && (isatty(1) || Boolean(env['FORCE_COLOR'])) };
}

/** Writes all of it; a reader that has gone is no error, one that is slow is waited for. */
function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      // The pipe is full and does not block: leave the rest to a stream, which waits without turning.
      (fd === 1 ? process.stdout : process.stderr).write(bytes.subarray(written));
      return;
    }
  }
}
