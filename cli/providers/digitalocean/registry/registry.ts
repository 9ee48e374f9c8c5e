import { createHash } from 'node:crypto';
import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Redactor } from '../../../io/redactor.ts';
import type { Registry, RegistryCredentials } from '../../provider.ts';
import type { DigitalOcean } from '../client.ts';
import { isRefusal } from '../failures.ts';
import { activeCollection } from './collection.ts';

export interface RegistryGiven {
  api: DigitalOcean;
  redactor: Redactor;
  /** Whose it is: all environments of a platform share it. */
  platform: string;
  /** `registry.digitalocean.com`. */
  server: string;
  /** `todo/todo`: the registry's name and the repository in it. */
  repository: string;
  tier: 'starter' | 'basic' | 'professional';
  /** Of the environment; the registry is made there where registries can be. */
  region?: string;
  /** todoctl.yaml names it, so it may be used though it was not made here. */
  named: boolean;
}

export interface RegistryRow {
  name: string;
  region: string;
  created_at: string;
  storage_usage_bytes: number;
}

export const PATH = '/v2/registries';
const TIMEOUT_MS = 120_000;
const MOST_OF_A_NAME = 63;
/** Longer than any push takes. */
const SIGNED_IN_SECONDS = 3600;

/** The tag of the account that says whose a registry is; registries themselves bear none. It is made before the registry. */
export function registryMark(platform: string, name: string): string {
  return `todoctl:${platform}:registry:${name}`;
}

/** The registry's name, `todo` of `todo/todo`. */
export function nameOf({ repository }: Pick<RegistryGiven, 'repository'>): string {
  return repository.split('/')[0] ?? repository;
}

export function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}

export async function findRegistry(api: DigitalOcean, name: string): Promise<RegistryRow | undefined> {
  return (await api.find<{ registry: RegistryRow }>(pathOf(name)))?.registry;
}

export async function isOurs({ api, platform }: Pick<RegistryGiven, 'api' | 'platform'>, name: string): Promise<boolean> {
  return (await api.find(`/v2/tags/${encodeURIComponent(registryMark(platform, name))}`)) !== undefined;
}

/**
 * The registry of the platform. One that is there and is not ours is used only where todoctl.yaml names it.
 * Errors: TODOCTL_REGISTRY_NOT_OURS, those of the client.
 */
export function registryStep(given: RegistryGiven): Step<Registry> {
  const { api } = given;
  const name = nameOf(given);
  return {
    id: 'registry',
    title: 'Registry',
    needs: [],
    timeout: TIMEOUT_MS,
    makes: [`registry ${name}`],
    async check() {
      const [row, ours] = await Promise.all([findRegistry(api, name), isOurs(given, name)]);
      if (!row) return { is: 'absent' };
      if (!ours && !given.named) return { is: 'stuck', error: notMade(name) };
      return { is: 'done', value: registryOf(given) };
    },
    async apply() {
      const mark = registryMark(given.platform, name);
      await api.make('/v2/tags', { name: mark }, () => api.find(`/v2/tags/${encodeURIComponent(mark)}`));
      try {
        await api.make(PATH, await bodyOf(given, name), async () => (await findRegistry(api, name)) && {});
      } catch (error) {
        if (!isRefusal(error, 409, 422)) throw error;
        // A second run has made it meanwhile; else the name is somebody else's, and the mark stands for nothing.
        if (await findRegistry(api, name)) return;
        await api.remove(`/v2/tags/${encodeURIComponent(mark)}`);
        throw error.status === 409 ? await taken(given, name) : error;
      }
    },
  };
}

/** Whether the registry is there, or its name is free. Changes nothing. Errors: TODOCTL_REGISTRY_NOT_OURS, those of the client. */
export async function checkRegistry(given: RegistryGiven): Promise<'there' | 'free'> {
  const name = nameOf(given);
  const [row, ours] = await Promise.all([findRegistry(given.api, name), isOurs(given, name)]);
  if (row && !ours && !given.named) throw notMade(name);
  if (row) return 'there';
  if (!(await isFree(given.api, name))) throw await taken(given, name);
  return 'free';
}

/** How a registry is used; credentials are made when they are asked for, and end by themselves. Errors of signing in to write: TODOCTL_REGISTRY_CLEANING. */
export function registryOf(given: RegistryGiven): Registry {
  const { api, server, repository } = given;
  return {
    server,
    repository,
    async signIn(access) {
      const cleaning = access === 'write' ? await activeCollection(api, pathOf(nameOf(given))) : undefined;
      if (cleaning) throw new TodoctlError('TODOCTL_REGISTRY_CLEANING', { message: `The registry ${nameOf(given)} is being cleaned: ${cleaning.status}` });
      return credentialsOf(given, access, SIGNED_IN_SECONDS);
    },
  };
}

/** Credentials that end after so many seconds; they may write only when that is asked for. */
export async function credentialsOf(given: RegistryGiven, access: 'read' | 'write', seconds: number): Promise<RegistryCredentials> {
  const answer = await given.api.get<{ auths?: Record<string, { auth?: string }> }>(`${pathOf(nameOf(given))}/docker-credentials`, { expiry_seconds: seconds, ...(access === 'write' ? { read_write: true } : {}) });
  const auth = Object.values(answer.auths ?? {})[0]?.auth ?? '';
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  const login = { username, password: password.join(':') };
  for (const secret of [auth, login.username, login.password]) given.redactor.register(secret);
  return login;
}

/** The account's plan is changed only where nothing else is of it. */
async function bodyOf({ api, tier, region }: RegistryGiven, name: string): Promise<object> {
  const [{ registries = [] }, { options }] = await Promise.all([
    api.get<{ registries?: RegistryRow[] }>(PATH),
    api.get<{ options: { available_regions?: string[] } }>(`${PATH}/options`),
  ]);
  return {
    name,
    ...(registries.length === 0 ? { subscription_tier_slug: tier } : {}),
    ...(region !== undefined && options.available_regions?.includes(region) ? { region } : {}),
  };
}

function notMade(name: string): TodoctlError {
  return new TodoctlError('TODOCTL_REGISTRY_NOT_OURS', { message: `The account has a registry ${name} already, and todoctl did not make it` });
}

async function isFree(api: DigitalOcean, name: string): Promise<boolean> {
  return api.post(`${PATH}/validate-name`, { name }).then(() => true, (error: unknown) => {
    if (isRefusal(error, 409)) return false;
    throw error;
  });
}

/** What to write instead is named whole: a name that nobody has, and that is the same when it is asked for again. */
async function taken({ api, server, platform }: RegistryGiven, name: string): Promise<TodoctlError> {
  const { account } = await api.get<{ account: { uuid?: string; team?: { uuid: string } } }>('/v2/account').catch(() => ({ account: { uuid: undefined, team: undefined } }));
  const own = `${platform}-${createHash('sha256').update(account.team?.uuid ?? account.uuid ?? platform).digest('hex').slice(0, 8)}`.slice(-MOST_OF_A_NAME).replace(/^-+/, '');
  const free = await isFree(api, own).catch(() => false);
  return new TodoctlError('TODOCTL_REGISTRY_NOT_OURS', {
    message: `The name ${name} is taken by a registry of another account`,
    why: 'All accounts of DigitalOcean share the names of registries.',
    next: [`Write into each environment of todoctl.yaml: registry: { server: ${server}, repository: ${free ? own : 'NAME'}/${platform} }.${free ? ' That name is free.' : ''}`],
  });
}
