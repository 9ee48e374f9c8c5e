import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Local } from '../local.ts';
import { portOf, type Ports } from '../ports.ts';
import { findPostgres, type PostgresBinaries } from '../postgres/binaries.ts';
import { checkDataDirectory, prepareDataDirectory, SUPERUSER } from '../postgres/data-directory.ts';
import { databaseUrl, lookAtDatabase, makeDatabase, makeSchemas, schemaOf } from '../postgres/database.ts';
import { removeStalePid, serverCommand } from '../postgres/server.ts';
import { chooseRunAs, type CommandLine, type RunAs } from '../postgres/unprivileged.ts';
import { POSTGRES_SECRET, secretOf, type Secrets, USER_SECRET } from '../secrets.ts';
import type { DaprFiles } from './files.ts';

/** How the embedded server is run here. */
export interface PostgresHere {
  binaries: PostgresBinaries;
  runAs: RunAs;
}

export function postgresHere(): PostgresHere {
  return { binaries: findPostgres(), runAs: chooseRunAs(process.getuid?.() ?? 1) };
}

/** The embedded server's data directory; its value is how the server is run. */
export function postgresDataStep({ paths }: Local, here: PostgresHere, ports: Step<Ports>, secrets: Step<Secrets>): Step<CommandLine> {
  return {
    id: 'postgres-data',
    title: 'PostgreSQL data directory',
    needs: [ports, secrets],
    timeout: 120_000,
    async check(run) {
      if (!(await checkDataDirectory({ ...here, dataDir: paths.postgres }))) return { is: 'absent' };
      await removeStalePid(paths.postgres);
      return { is: 'done', value: serverCommand({ ...here, dataDir: paths.postgres, port: portOf(run.of(ports), 'postgres') }) };
    },
    async apply(run) {
      run.progress('initdb');
      try {
        await prepareDataDirectory({ ...here, dataDir: paths.postgres, password: secretOf(run.of(secrets), POSTGRES_SECRET) });
      } catch (error) {
        // A terminal's Ctrl-C ends initdb too; the next run begins it anew.
        throw run.stop.aborted ? new TodoctlError('TODOCTL_INTERRUPTED', { cause: error }) : error;
      }
    },
  };
}

/** The database, its user and a schema for each service that has one; with a server of one's own the schemas alone. */
export function databaseStep(local: Local, needs: { started: Step; ports: Step<Ports>; secrets: Step<Secrets>; files: Step<DaprFiles> }): Step {
  const schemas = local.platform.services.filter(({ database }) => database).map(({ name }) => schemaOf(name));
  const own = local.platform.environment.postgres?.url !== undefined;
  let missing: string[] = [];
  return {
    id: 'database',
    title: 'Database',
    needs: Object.values(needs),
    timeout: 60_000,
    makes: schemas,
    async check(run) {
      const state = await lookAtDatabase(run.of(needs.files).databaseUrl, schemas);
      if (state.is === 'complete') return { is: 'done', value: undefined };
      if (state.is === 'starting') return { is: 'busy', reason: state.reason };
      missing = state.missing;
      return { is: 'drifted', value: undefined, changes: missing.map((what) => ({ what })) };
    },
    async apply(run) {
      const { databaseUrl: url } = run.of(needs.files);
      if (!own) {
        const secrets = run.of(needs.secrets);
        const port = portOf(run.of(needs.ports), 'postgres');
        const password = secretOf(secrets, POSTGRES_SECRET);
        await makeDatabase((database) => databaseUrl(port, SUPERUSER, password, database), secretOf(secrets, USER_SECRET));
      }
      await makeSchemas(url, schemas);
    },
  };
}
