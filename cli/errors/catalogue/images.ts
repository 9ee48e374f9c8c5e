import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between sources and a registry. */
export const imageErrors = {
  TODOCTL_REGISTRY_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'The registry does not answer',
    why: 'Its address may be wrong, a network in between closed, or what answers there is no registry. Plain HTTP is spoken with private addresses only.',
    next: ['Look at registry in todoctl.yaml, and try the same command again.'],
  },
  TODOCTL_REGISTRY_UNAUTHORIZED: {
    exit: ExitCode.remoteRefused,
    title: 'The registry does not accept the credentials',
    why: 'User, password or token is wrong, has expired, or may not read or write this repository.',
    next: ['Renew what registry.credentials in todoctl.yaml stands for.'],
  },
  TODOCTL_REGISTRY_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'The registry refuses what it was asked',
    why: 'It says no: its words stand in the message. While a registry is being cleaned nothing can be written to it.',
    next: ['Try the same command again when what is named is put right.'],
  },
  TODOCTL_REGISTRY_CREDENTIALS: {
    exit: ExitCode.precondition,
    title: 'The credentials of the registry cannot be read',
    why: 'What registry.credentials stands for is either user:password, or the JSON of a Docker configuration that holds the server under auths.',
    next: ['Give it in one of these forms. A configuration that keeps its passwords in a credential store holds none.'],
  },
  TODOCTL_REGISTRY_NONE: {
    exit: ExitCode.precondition,
    title: 'The environment has no registry',
    why: 'On this machine services run from their bundles, without images; a cluster that exists needs registry: {server, repository} in todoctl.yaml.',
    next: ['Name an environment in a cluster with --env, or write its registry into todoctl.yaml.'],
  },
  TODOCTL_REGISTRY_NOT_OURS: {
    exit: ExitCode.precondition,
    title: 'The registry is not one that todoctl made',
    why: 'A registry belongs to its platform by a tag of the account, made before it. This one has none, so it is left alone.',
    next: ['Name another one as registry: {server, repository} in todoctl.yaml.'],
  },
  TODOCTL_REGISTRY_IN_USE: {
    exit: ExitCode.precondition,
    title: 'Other environments use the registry',
    why: 'It belongs to the platform: all environments take their images from it. Nothing was changed.',
    next: ['Leave --with-registry out, or tear the other environments down first.'],
  },
  TODOCTL_REGISTRY_CLEANING: {
    exit: ExitCode.precondition,
    title: 'The registry is being cleaned',
    why: 'Until that has ended nothing can be pushed to it.',
    next: ['Run todoctl registry show to see how far it is, or todoctl registry clean --cancel to end it.'],
  },
  TODOCTL_BUILDER_MISSING: {
    exit: ExitCode.precondition,
    title: 'No program that builds images works here',
    why: 'One of docker, podman and buildctl is needed, with its daemon running. Images that are in the registry already need none.',
    next: ['Start Docker, or install one of the others, and run the same command again.'],
  },
  TODOCTL_SCANNER_MISSING: {
    exit: ExitCode.precondition,
    title: 'Trivy is not on this machine',
    why: 'It is what images are scanned with, and --require asked for it.',
    next: ['Install Trivy, or leave out --require.'],
  },
  TODOCTL_IMAGE_VULNERABLE: {
    exit: ExitCode.difference,
    title: 'An image has critical weaknesses that are fixed elsewhere',
    why: 'Trivy found them in what the image is made of, and newer versions are without them.',
    next: ['Update the base image or the packages that are named, and build again.'],
  },
  TODOCTL_IMAGE_MISSING: {
    exit: ExitCode.precondition,
    title: 'An image is not in the registry',
    why: 'The images of these sources have not been pushed there, or were cleaned away.',
    next: ['Run todoctl images push.'],
  },
} as const satisfies Record<string, ErrorEntry>;
