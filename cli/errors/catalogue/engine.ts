import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong while steps and child processes run. */
export const engineErrors = {
  TODOCTL_STEP_TIMED_OUT: {
    exit: ExitCode.timedOut,
    title: 'A step did not end in its time',
    why: 'What was asked for has not become true. The last thing that was seen stands in the message.',
    next: ['Run todoctl status to see how it is now.', 'Run the same command again: it goes on from what it finds.'],
  },
  TODOCTL_STEP_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'No step has this name',
    why: '--only takes names of steps, as the output of the command shows them.',
    next: ['Run the command without --only to see its steps.'],
  },
  TODOCTL_STEP_NEEDED: {
    exit: ExitCode.precondition,
    title: 'A step that is needed was never done',
    why: 'With --only the other steps are looked at, not done.',
    next: ['Run the command without --only.'],
  },
  TODOCTL_OUTCOME_UNKNOWN: {
    exit: ExitCode.interrupted,
    title: 'Left while changes were under way',
    why: 'A second Ctrl-C asked todoctl to leave at once, so how these changes ended was not seen.',
    next: ['Run the same command again: it looks first and goes on from what it finds.'],
  },
  TODOCTL_PROGRAM_MISSING: {
    exit: ExitCode.precondition,
    title: 'A program that is needed is not on this machine',
    why: 'It is in none of the folders of PATH, or may not be executed.',
    next: ['Install it, or name its path.'],
  },
  TODOCTL_PROGRAM_FAILED: {
    exit: ExitCode.remoteRefused,
    title: 'A program ended with an error',
    why: 'todoctl ran it and it refused; its last words stand below.',
    next: ['Run todoctl doctor.'],
  },
  TODOCTL_PROGRAM_TIMED_OUT: {
    exit: ExitCode.timedOut,
    title: 'A program did not end in its time',
    why: 'todoctl ran it, waited, and ended it.',
    next: ['Run the same command again.', 'Run todoctl doctor.'],
  },
  TODOCTL_SUPERVISOR_FAILED: {
    exit: ExitCode.bug,
    title: 'The supervisor of the local platform did not start',
    why: 'The process that keeps the platform running ended, or did not answer on its socket.',
    next: ['Read logs/supervisor.log in the state directory of the environment.', 'Run todoctl doctor.'],
  },
  TODOCTL_SUPERVISOR_REFUSED: {
    exit: ExitCode.bug,
    title: 'The supervisor of the local platform refused what it was asked',
    why: 'Its request was not one that it knows, or what was asked contradicts itself.',
    next: ['Run todoctl teardown, then todoctl deploy.'],
  },
  TODOCTL_STOP_INCOMPLETE: {
    exit: ExitCode.leftovers,
    title: 'Something of the platform is still there after it was stopped',
    why: 'A process did not end even when it was killed, or a port is still held.',
    next: ['Look at what the message names, end it by hand, then run todoctl teardown again.'],
  },
} as const satisfies Record<string, ErrorEntry>;
