import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between todoctl and a cluster's API. */
export const clusterErrors = {
  TODOCTL_KUBECONFIG_BROKEN: {
    exit: ExitCode.precondition,
    title: 'The kubeconfig cannot be used',
    why: 'It says where the cluster is and who asks; without it nothing can be asked.',
    next: ['Look at it with kubectl config view, or name another one.'],
  },
  TODOCTL_CONTEXT_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'The kubeconfig has no such context',
    why: 'A context names a cluster and a user of the kubeconfig; only these can be picked.',
    next: ['Use one of the contexts that are listed.'],
  },
  TODOCTL_CREDENTIALS_FAILED: {
    exit: ExitCode.precondition,
    title: 'The credentials for the cluster could not be had',
    why: 'The kubeconfig names a file or a program that gives a token or a certificate, and that failed.',
    next: ['Run what is named by hand, and try again when it works.'],
  },
  TODOCTL_CLUSTER_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'The API of the cluster does not answer',
    why: 'The address may be wrong, the cluster gone, or a network in between closed.',
    next: ['See whether kubectl cluster-info reaches it with the same kubeconfig.'],
  },
  TODOCTL_CLUSTER_STRANGE: {
    exit: ExitCode.precondition,
    title: 'What answers is not the API of a cluster, or one that fails',
    why: 'A proxy or a sign-in page may stand in front of it, the address may be that of something else, or the API server is older than Kubernetes 1.30.',
    next: ['See what kubectl get --raw /api answers with the same kubeconfig.'],
  },
  TODOCTL_CLUSTER_UNTRUSTED: {
    exit: ExitCode.precondition,
    title: 'The cluster does not prove who it is',
    why: 'Its certificate is not signed by the authority in the kubeconfig, has expired, or is for another name. Nothing was sent to it.',
    next: ['Fetch the kubeconfig anew; the certificates of a new cluster are new.'],
  },
  TODOCTL_CLUSTER_WRONG: {
    exit: ExitCode.precondition,
    title: 'This is not the cluster of the environment',
    why: 'todoctl.yaml says by the UID of kube-system which cluster it means, so that no other one is taken for it. Nothing was changed.',
    next: ['Name the right kubeconfig or context.', 'If the cluster was made anew: write its UID into todoctl.yaml.'],
  },
  TODOCTL_CLUSTER_UNAUTHORIZED: {
    exit: ExitCode.remoteRefused,
    title: 'The cluster does not know who asks',
    why: 'The token or the certificate is wrong, or has expired.',
    next: ['Fetch the kubeconfig anew, or sign in again.'],
  },
  TODOCTL_CLUSTER_FORBIDDEN: {
    exit: ExitCode.remoteRefused,
    title: 'You may not do this in the cluster',
    why: 'Whoever the kubeconfig signs in has no role that allows it.',
    next: ['Ask for a role of the environment: viewer to look, tail to read events, plan to compare, deployer to deploy, roll back and scale. To be bound to it: access: { ROLE: [GROUP] } in the environment.', 'A first deploy and a teardown take an administrator (cluster-admin).'],
  },
  TODOCTL_CLUSTER_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'The cluster refuses what is rendered',
    why: 'The API server tried it without keeping it, and said no.',
    next: ['Change what is named in todoctl.yaml; a field that cannot be changed needs the object to be deleted first.'],
  },
} as const satisfies Record<string, ErrorEntry>;
