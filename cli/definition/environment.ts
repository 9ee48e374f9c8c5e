import path from 'node:path';
import { nearest } from '../errors/nearest.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Declared } from './derive.ts';
import type { Environment, SecretReference } from './platform.ts';
import type { DefinedEnvironment, DefinedService, Definition } from './schema.ts';

/** Where relative paths of the definition begin, and what `~` stands for. */
export interface Places {
  /** Name of the platform. */
  platform: string;
  root: string;
  home: string | undefined;
}

/** The refusal of an environment that is not there. */
export function unknownEnvironment(wanted: string, names: readonly string[], file: string): TodoctlError {
  const close = nearest(wanted, names);
  return new TodoctlError('TODOCTL_ENVIRONMENT_UNKNOWN', {
    message: `${file} has no environment ${wanted}`,
    details: [`it has ${names.length > 0 ? names.join(', ') : 'none'}`],
    ...(close === undefined ? {} : { next: [`Did you mean --env ${close}?`] }),
  });
}

/** The environment with its paths made absolute, and the blocks of systems apart from what all environments share. */
export function resolveEnvironment(name: string, defined: DefinedEnvironment, systems: readonly string[], places: Places): Environment {
  // What an environment says of topics and services is merged into those.
  const { topics, services, auth, dapr, postgres, registry, sources, ...others } = defined;
  const blocks = Object.entries(others).filter(([key]) => systems.includes(key));
  const shared = Object.fromEntries(Object.entries(others).filter(([key]) => !systems.includes(key))) as typeof others;
  return {
    name,
    ...shared,
    systems: Object.fromEntries(blocks),
    ...(sources === undefined ? {} : { sources: { ...sources, charts: chartsFrom(sources.charts, places) } }),
    ...(auth === undefined ? {} : { auth: resolveAuth(auth, places) }),
    ...(dapr === undefined ? {} : { dapr: dapr.binary?.includes('/') ? { binary: absolute(dapr.binary, places) } : dapr }),
    ...(registry === undefined ? {} : { registry: registry.credentials ? { ...registry, credentials: resolveReference(registry.credentials, places) } : registry }),
    ...(postgres === undefined ? {} : { postgres: postgres.url ? { ...postgres, url: resolveReference(postgres.url, places) } : postgres }),
  };
}

/** Topics and services as an environment sees them: its values over the platform's. */
export function overrideDeclared(definition: Definition, environment: DefinedEnvironment): Declared {
  const topics = Object.entries(definition.topics).map(([name, topic]) => [name, { ...topic, ...environment.topics[name] }] as const);
  const services = Object.entries(definition.services).map(([name, service]) => {
    const { scale, resources, ...changed } = environment.services[name] ?? {};
    const merged: DefinedService = { ...service, ...changed };
    if (service.scale !== undefined || scale !== undefined) merged.scale = { min: 1, max: 1, ...service.scale, ...scale };
    else if (environment.protected) merged.scale = guarded(merged);
    if (service.resources !== undefined || resources !== undefined) merged.resources = { ...service.resources, ...resources };
    return [name, merged] as const;
  });
  return { topics: Object.fromEntries(topics), services: Object.fromEntries(services) };
}

/** An environment that people rely on loses no service with one node, and can always grow. */
function guarded({ replicas = 2 }: DefinedService): NonNullable<DefinedService['scale']> {
  const min = Math.max(2, replicas);
  return { min, max: Math.max(4, 2 * min) };
}

/** One replica on a laptop; in a cluster what the autoscaler begins with. */
export function replicasIn(provider: Environment['provider']): (service: DefinedService) => number {
  return ({ replicas, scale }) => replicas ?? (provider === 'local' ? 1 : (scale?.min ?? 1));
}

/** Services refuse a token whose issuer and audience they were not told; an identity provider names itself by where its keys are. */
function resolveAuth(auth: NonNullable<DefinedEnvironment['auth']>, places: Places): NonNullable<Environment['auth']> {
  const { platform } = places;
  if ('key' in auth) return { issuer: platform, audience: platform, ...auth, key: resolveReference(auth.key, places) };
  return { issuer: new URL(auth.jwks).origin, audience: platform, ...auth };
}

/** Addresses as they are, paths absolute. */
function chartsFrom(charts: Readonly<Record<string, string>>, places: Places): Record<string, string> {
  return Object.fromEntries(Object.entries(charts).map(([release, source]) => [release, source.includes('://') ? source : absolute(source, places)]));
}

function resolveReference(reference: SecretReference, places: Places): SecretReference {
  return 'file' in reference ? { file: absolute(reference.file, places) } : reference;
}

function absolute(file: string, { root, home }: Places): string {
  return path.resolve(root, home !== undefined && file.startsWith('~/') ? path.join(home, file.slice(2)) : file);
}
