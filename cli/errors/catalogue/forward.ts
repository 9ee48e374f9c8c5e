import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between this machine and a pod. */
export const forwardErrors = {
  TODOCTL_FORWARD_FORBIDDEN: {
    exit: ExitCode.remoteRefused,
    title: 'You may not forward ports of pods',
    why: 'Brokers and dashboards are reached by port-forward through the API server, which takes a right of its own.',
    next: ['Ask for the role tail of the environment: role-tail.yaml of what todoctl render --only access writes.', 'To be bound to it: name your group in the environment, access: { tail: [GROUP] }, and have an administrator deploy.'],
  },
  TODOCTL_FORWARD_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'There is nothing of this name to open',
    why: 'Dashboards and the services of the platform can be opened.',
    next: ['Use one of the names that are listed.'],
  },
  TODOCTL_FORWARD_NO_POD: {
    exit: ExitCode.precondition,
    title: 'No pod of it is ready',
    why: 'A port is forwarded to a pod that takes requests, and there is none now.',
    next: ['Run todoctl status to see what it waits for.'],
  },
} as const satisfies Record<string, ErrorEntry>;
