import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong while the platform is brought up in a cluster. */
export const deployErrors = {
  TODOCTL_LOCK_LOST: {
    exit: ExitCode.precondition,
    title: 'Somebody else has taken over this environment',
    why: 'The lock was not renewed for a minute, as when a laptop sleeps, and another todoctl took it. This one has stopped changing things.',
    next: ['Wait until the other has ended, then run the command again.'],
  },
  TODOCTL_AUTH_KEY_WRONG: {
    exit: ExitCode.precondition,
    title: 'The key that tokens are checked with cannot be used',
    why: 'Services check tokens with a public key. The private one signs them: whoever has it is everybody, so it never goes into the cluster.',
    next: ['Let auth.key refer to a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----.'],
  },
  TODOCTL_HELM_MISSING: {
    exit: ExitCode.precondition,
    title: 'helm cannot be used',
    why: 'Charts are installed by helm, version 3.18 or later or 4, which must be on the PATH.',
    next: ['Install it: https://helm.sh/docs/intro/install'],
  },
  TODOCTL_RELEASE_FOREIGN: {
    exit: ExitCode.precondition,
    title: 'A Helm release of this name is there and is not ours',
    why: 'Releases of this environment carry its labels; this one was installed by somebody else, and changing it could break what depends on it.',
    next: ['Use another cluster, or have its owner remove the release first.'],
  },
  TODOCTL_RELEASE_FAILED: {
    exit: ExitCode.remoteRefused,
    title: 'Helm could not install a chart',
    why: 'Its words are below. What was there before stays as it was.',
    next: ['Correct what it names, then run the command again: it goes on where it was.'],
  },
  TODOCTL_OBJECT_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'The cluster refuses an object',
    why: 'Its API, or a webhook that watches over it, said no. Nothing of the object was changed.',
    next: ['Change what is named in todoctl.yaml, or ask whoever runs the cluster.'],
  },
  TODOCTL_NAMESPACE_STUCK: {
    exit: ExitCode.precondition,
    title: 'A namespace is being deleted and does not end',
    why: 'Objects in it carry finalizers: whoever put those there must take them away first, and does not, perhaps because it is gone itself.',
    next: ['See what is left: kubectl get namespace NAME --output yaml', 'Then run the command again.'],
  },
  TODOCTL_WORKLOAD_FAILING: {
    exit: ExitCode.timedOut,
    title: 'Pods do not get ready, and waiting will not help',
    why: 'An image that cannot be pulled, a setting that is missing, or a program that keeps ending does not heal by itself.',
    next: ['Look at what it writes: todoctl logs.'],
  },
  TODOCTL_CLUSTER_TOO_OLD: {
    exit: ExitCode.precondition,
    title: 'The Kubernetes of the cluster is too old',
    why: 'What is deployed needs Kubernetes 1.30 or later.',
    next: ['Upgrade the cluster.'],
  },
} as const satisfies Record<string, ErrorEntry>;
