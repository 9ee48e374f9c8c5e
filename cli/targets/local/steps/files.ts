import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Bundle } from '../../../images/bundle.ts';
import { renderDapr } from '../../../render/artefacts.ts';
import { holds, writePrivate } from '../json-file.ts';
import type { Local } from '../local.ts';
import { bootstrapOf, portOf, type Ports } from '../ports.ts';
import { serviceUrl } from '../postgres/database.ts';
import { AUTH_KEY_FILE, type ConfigFile, DATABASE_URL_FILE } from '../processes.ts';
import { resolveSecret, secretOf, type Secrets, USER_SECRET } from '../secrets.ts';
import { bundleCode, type CodeGiven, knownCode } from '../service-code.ts';

/** What the rendered files and the secrets beside them come to. */
export interface DaprFiles {
  /** Of everything that a sidecar reads when it starts. */
  hash: string;
  /** Of the platform's database, for its services' own user. */
  databaseUrl: string;
}

const SECRETS_FILE = 'secrets.json';

/** The Dapr files, rendered as for a cluster, and what is known only here beside them: addresses and passwords, by reference. */
export function daprFilesStep(local: Local, ports: Step<Ports>, secrets: Step<Secrets>): Step<DaprFiles> {
  const { platform, paths } = local;
  let wanted: ConfigFile[] = [];
  return {
    id: 'dapr',
    title: 'Dapr components',
    needs: [ports, secrets],
    timeout: 20_000,
    async check(run) {
      const databaseUrl = await databaseUrlOf(local, run.of(ports), run.of(secrets));
      local.redact(databaseUrl);
      const rendered = renderDapr(platform).map((file) => ({ path: path.join(paths.dapr, file.path), content: file.text }));
      const referred = { path: path.join(paths.dapr, SECRETS_FILE), content: daprSecrets(local, run.of(ports), databaseUrl) };
      wanted = [...rendered, referred, ...(await ownSecrets(local, databaseUrl))];
      const hash = createHash('sha256').update(JSON.stringify([...rendered, referred])).digest('hex');
      const right = await Promise.all(wanted.map((file) => holds(file.path, file.content)));
      const changes = wanted.filter((_, index) => !right[index]).map((file) => ({ what: path.relative(paths.state, file.path) }));
      const obsolete = (await others(paths.dapr, wanted)).map((file) => ({ what: path.relative(paths.state, file), from: 'obsolete' }));
      const value = { hash, databaseUrl };
      return changes.length + obsolete.length === 0 ? { is: 'done', value } : { is: 'drifted', value, changes: [...changes, ...obsolete] };
    },
    async apply() {
      await Promise.all(wanted.map((file) => writePrivate(file.path, file.content)));
      await Promise.all((await others(paths.dapr, wanted)).map((file) => rm(file, { force: true })));
    },
  };
}

async function databaseUrlOf({ platform, env }: Local, ports: Ports, secrets: Secrets): Promise<string> {
  const own = platform.environment.postgres?.url;
  return own ? resolveSecret(own, env) : serviceUrl(portOf(ports, 'postgres'), secretOf(secrets, USER_SECRET));
}

/** What the rendered components refer to by secretKeyRef; read by Dapr's local file store. */
function daprSecrets({ platform }: Local, ports: Ports, databaseUrl: string): string {
  const brokers = bootstrapOf(platform, ports).map(({ host, port }) => `${host}:${port}`).join(',');
  return `${JSON.stringify({ kafka: { brokers }, postgres: { uri: databaseUrl } }, null, 2)}\n`;
}

/** Secrets that services read by path and that were not made here. */
async function ownSecrets({ platform, paths, env, redact }: Local, databaseUrl: string): Promise<ConfigFile[]> {
  const files = [{ path: path.join(paths.secrets, DATABASE_URL_FILE), content: `${databaseUrl}\n` }];
  const { auth } = platform.environment;
  if (!auth || !('key' in auth)) return files;
  const key = await resolveSecret(auth.key, env);
  redact(key);
  return [...files, { path: path.join(paths.secrets, AUTH_KEY_FILE), content: `${key}\n` }];
}

async function others(folder: string, wanted: readonly ConfigFile[]): Promise<string[]> {
  const names = new Set(wanted.map((file) => file.path));
  const there = await readdir(folder).catch(() => []);
  return there.map((name) => path.join(folder, name)).filter((file) => !names.has(file));
}

/** The services' code: bundled when it is the project's own and something of it has changed. */
export function codeStep({ platform, paths, packageRoot }: Local, state: Step): Step<Record<string, Bundle>> {
  const given: CodeGiven = { root: paths.root, packageRoot, build: paths.build };
  const names = platform.services.map(({ name }) => name);
  return {
    id: 'code',
    title: 'Services\' code',
    needs: [state],
    timeout: 120_000,
    makes: names,
    async check() {
      const bundles = await Promise.all(names.map(async (name) => [name, await knownCode(given, name)] as const));
      const known = Object.fromEntries(bundles.filter((entry): entry is [string, Bundle] => entry[1] !== undefined));
      return names.every((name) => known[name]) ? { is: 'done', value: known } : { is: 'absent' };
    },
    async apply({ stop }) {
      try {
        await Promise.all(names.map((name) => bundleCode(given, name)));
      } catch (error) {
        // A terminal's Ctrl-C ends esbuild too. Then nothing is wrong with the code, and the next run bundles it.
        throw stop.aborted ? new TodoctlError('TODOCTL_INTERRUPTED', { cause: error }) : error;
      }
    },
  };
}
