import { stripVTControlCharacters } from 'node:util';
import { nearest } from './errors/nearest.ts';
import { TodoctlError } from './errors/todoctl-error.ts';

/** What the words of a refusal are made from. */
export interface Parsed {
  /** The command as it is typed: `todoctl events tail`. */
  command: string;
  /** Names of its flags, without dashes. */
  flags: readonly string[];
}

/** The fields of oclif's parse errors that say more than their message (@oclif/core/lib/parser/errors.js). */
interface OclifParseError extends Error {
  flags?: readonly string[];
  args?: readonly (string | { name: string })[];
}

/** oclif's complaint about a command line in the house's words, with the nearest flag. */
export function parseError(error: Error, { command, flags }: Parsed): TodoctlError {
  const { flags: unknown, args = [] } = error as OclifParseError;
  const help = `${command} --help shows its flags and examples.`;
  if (unknown && unknown.length > 0) {
    const offers = unknown.flatMap((flag) => nearest(flag.replace(/^-+/, ''), flags) ?? []);
    return new TodoctlError('TODOCTL_UNKNOWN_FLAG', {
      message: `${command} has no flag ${unknown.join(', ')}`,
      next: [...(offers.length > 0 ? [`Did you mean ${offers.map((flag) => `--${flag}`).join(', ')}?`] : []), help],
      cause: error,
    });
  }
  return new TodoctlError('TODOCTL_USAGE', { message: message(error, command, args), next: [help], cause: error });
}

function message(error: Error, command: string, args: NonNullable<OclifParseError['args']>): string {
  const names = args.map((arg) => (typeof arg === 'string' ? arg : arg.name.toUpperCase())).join(' ');
  if (error.message.startsWith('Missing') && names) return `${command} needs ${names}`;
  if (error.message.startsWith('Unexpected argument')) return `${command} takes no argument ${names}`;
  const lines = stripVTControlCharacters(error.message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'See more help with --help');
  const [first = 'the command line is not understood', ...others] = lines;
  const flag = /^Parsing (--\S+)$/.exec(first)?.[1];
  if (flag) return `${flag}: ${others.join('; ')}`;
  const both = /^--([^=]+)=.* cannot also be provided when using --(\S+)$/s.exec(others.at(-1) ?? first);
  if (both) return `--${both[1]} and --${both[2]} exclude each other`;
  // "The following errors occurred:" says nothing that the lines below it do not.
  return others.length > 0 ? others.join('; ') : first;
}
