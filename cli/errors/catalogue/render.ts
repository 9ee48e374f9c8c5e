import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between the definition and the files that are made from it. */
export const renderErrors = {
  TODOCTL_SYSTEM_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'No system has this name here',
    why: 'An environment is made of the systems that its definition asks for; only these can be picked.',
    next: ['Use one of the names that are listed.'],
  },
  TODOCTL_FOLDER_NOT_OURS: {
    exit: ExitCode.precondition,
    title: 'The folder holds files that no render wrote',
    why: 'A render removes what an earlier one wrote and does not write any more; in a folder with other files that could hit yours.',
    next: ['Name a folder that is empty, does not exist, or was rendered to before.'],
  },
  TODOCTL_FOLDER_NOT_RENDERED: {
    exit: ExitCode.precondition,
    title: 'The folder was not written by todoctl render',
    why: 'A rendered folder has a file rendered.yaml that lists what was written.',
    next: ['Render into it first: run todoctl render with --out.'],
  },
} as const satisfies Record<string, ErrorEntry>;
