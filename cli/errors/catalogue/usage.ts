import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can be wrong with a command line or with the machine that it runs on. */
export const usageErrors = {
  TODOCTL_BUG: {
    exit: ExitCode.bug,
    title: 'todoctl met something it does not know',
    why: 'No entry of the catalogue fits, so this is a mistake in todoctl itself and not in what you typed.',
    next: ['Run the command again with TODOCTL_DEBUG=1 and report what it prints.'],
  },
  TODOCTL_USAGE: {
    exit: ExitCode.usage,
    title: 'The command line is not understood',
    why: 'A flag or an argument is unknown, missing or of the wrong kind.',
    next: ['Run the command with --help to see its flags and examples.'],
  },
  TODOCTL_UNKNOWN_COMMAND: {
    exit: ExitCode.usage,
    title: 'No command has this name',
    why: 'The words in front of the first flag must name a command, or a group and a command like events tail.',
    next: ['Run todoctl --help to see all commands.'],
  },
  TODOCTL_UNKNOWN_FLAG: {
    exit: ExitCode.usage,
    title: 'The command has no flag of this name',
    why: 'An unknown flag would be passed over in silence, and what it asks for would not happen.',
    next: ['Run the command with --help to see its flags.'],
  },
  TODOCTL_NODE_TOO_OLD: {
    exit: ExitCode.precondition,
    title: 'This Node is too old',
    why: 'todoctl needs Node 26 or newer, and no such Node lies in a node_modules beside it.',
    next: ['Install Node 26 or newer from https://nodejs.org.', 'In a project: npm install --save-dev node@26; todoctl then finds it by itself.'],
  },
  TODOCTL_INTERRUPTED: {
    exit: ExitCode.interrupted,
    title: 'Stopped by you',
    why: 'Ctrl-C (or SIGTERM) asked todoctl to stop. Changes that were under way were finished, nothing new was started.',
    next: ['Run the same command again: it goes on from what it finds.'],
  },
  TODOCTL_UNKNOWN_CODE: {
    exit: ExitCode.usage,
    title: 'No error has this code',
    why: 'Codes look like TODOCTL_ROUTE_TAKEN; the whole list stands in docs/errors.md.',
    next: ['Run todoctl explain without a code to list them all.'],
  },
} as const satisfies Record<string, ErrorEntry>;
