import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between todoctl and the API of DigitalOcean. */
export const digitalOceanErrors = {
  TODOCTL_DIGITALOCEAN_NO_TOKEN: {
    exit: ExitCode.precondition,
    title: 'There is no token for DigitalOcean',
    why: 'Everything at DigitalOcean is asked for with a token of your account or team. It is looked for in DIGITALOCEAN_ACCESS_TOKEN, in DIGITALOCEAN_TOKEN, and in the configuration of doctl.',
    next: ['Make one at https://cloud.digitalocean.com/account/api/tokens and put it into DIGITALOCEAN_ACCESS_TOKEN.', 'Or sign in with doctl auth init.'],
  },
  TODOCTL_DIGITALOCEAN_TOKEN_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'DigitalOcean does not know the token',
    why: 'The token is wrong, has expired, or was revoked. What was asked for before is still under way; nothing new was begun.',
    next: ['Make a new one at https://cloud.digitalocean.com/account/api/tokens, and run the same command again: it goes on where it was.'],
  },
  TODOCTL_DIGITALOCEAN_SCOPE_MISSING: {
    exit: ExitCode.remoteRefused,
    title: 'The token may not do this',
    why: 'A token of DigitalOcean is allowed what its scopes say, and one of them is missing.',
    next: ['Make a token that has the scope which is named.'],
  },
  TODOCTL_DIGITALOCEAN_NOT_FOUND: {
    exit: ExitCode.remoteRefused,
    title: 'DigitalOcean has no such thing',
    why: 'It may have been deleted since, or it belongs to another team than the token.',
    next: ['Run the same command again: it looks at what there is first.'],
  },
  TODOCTL_DIGITALOCEAN_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'DigitalOcean refuses what was asked for',
    why: 'What is wrong is in its own words above.',
    next: ['Change what it names in todoctl.yaml, or ask the support of DigitalOcean with the number of the request.'],
  },
  TODOCTL_DIGITALOCEAN_BUSY: {
    exit: ExitCode.remoteRefused,
    title: 'DigitalOcean asks for fewer requests',
    why: 'A token has 250 requests a minute and 5,000 an hour, and others may use it too. It was waited for, several times.',
    next: ['Wait some minutes, and run the same command again: it goes on where it was.'],
  },
  TODOCTL_DIGITALOCEAN_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'The API of DigitalOcean does not answer',
    why: 'The network may be closed, the address in DIGITALOCEAN_API_URL wrong, or the API itself not well. It was tried several times.',
    next: ['See https://status.digitalocean.com, and run the same command again: it goes on where it was.'],
  },
  TODOCTL_DIGITALOCEAN_INCOMPLETE: {
    exit: ExitCode.usage,
    title: 'todoctl.yaml does not say where and on what the cluster runs',
    why: 'A cluster at DigitalOcean needs a region and the size of its nodes; neither is guessed, since they cost.',
    next: ['Write region and nodes.size into the environment.'],
  },
  TODOCTL_DIGITALOCEAN_REGION_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'DigitalOcean has no clusters in this region',
    why: 'Only some of its regions have Kubernetes.',
    next: ['Use one of the regions that are listed.'],
  },
  TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'DigitalOcean has no nodes of this size',
    why: 'Sizes differ by region, and not every Droplet can be a node.',
    next: ['Use one of the sizes that are listed.'],
  },
  TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'DigitalOcean has no managed database like this',
    why: 'Sizes differ by engine and by the number of nodes, and not every region has each.',
    next: ['Use one of those that are listed.'],
  },
  TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'DigitalOcean does not offer this version of Kubernetes',
    why: 'It offers about three minor versions at a time; older ones go away.',
    next: ['Use one of the versions that are listed, or latest.'],
  },
  TODOCTL_DIGITALOCEAN_LIMIT: {
    exit: ExitCode.precondition,
    title: 'The account has no room for this',
    why: 'DigitalOcean limits what an account may have. Of nodes the most that the autoscaler may make count, not those that it begins with.',
    next: ['Make it smaller in todoctl.yaml, remove what is no longer needed, or ask DigitalOcean for a higher limit.'],
  },
  TODOCTL_DIGITALOCEAN_ACCOUNT_LOCKED: {
    exit: ExitCode.precondition,
    title: 'The account at DigitalOcean cannot make anything',
    why: 'Its status is not active; bills or a verification may be open.',
    next: ['Sign in at https://cloud.digitalocean.com and do what it asks for.'],
  },
  TODOCTL_DIGITALOCEAN_NAME_TAKEN: {
    exit: ExitCode.precondition,
    title: 'Something of this name is there, and it is not ours',
    why: 'What todoctl makes carries the tag or the description todoctl:PLATFORM:ENVIRONMENT; what lacks it belongs to somebody else and is neither changed nor removed.',
    next: ['Choose another name for the platform or the environment, or remove what has the name if it is yours.'],
  },
  TODOCTL_DIGITALOCEAN_CIDR_OVERLAP: {
    exit: ExitCode.precondition,
    title: 'These addresses are in use on the account',
    why: 'The networks of nodes, pods and services of one account must not overlap; they cannot be changed later.',
    next: ['Leave controlPlane.network out of todoctl.yaml, so that a free one is found, or choose another number.'],
  },
  TODOCTL_DIGITALOCEAN_CLUSTER_FAILED: {
    exit: ExitCode.remoteRefused,
    title: 'DigitalOcean could not make the cluster',
    why: 'The cluster is in state error, which it does not leave by itself. It still bills, and keeps its name.',
    next: ['Run todoctl cluster delete, then the same command again.'],
  },
  TODOCTL_DIGITALOCEAN_CLUSTER_FIXED: {
    exit: ExitCode.precondition,
    title: 'This cannot be changed in a cluster that is there',
    why: 'DigitalOcean keeps the region, the size of a node pool and a control plane of several nodes as they were made.',
    next: ['Put back what todoctl.yaml said before.', 'Or tear the environment down and deploy it anew.'],
  },
} as const satisfies Record<string, ErrorEntry>;
