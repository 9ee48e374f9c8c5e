import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { type Peek, peekDefinition } from '../../definition/peek.ts';
import type { Platform } from '../../definition/platform.ts';
import { noCluster } from '../../errors/no-cluster.ts';
import { Kubernetes } from '../../kubernetes/client.ts';
import type { Cluster, Provider } from '../../providers/provider.ts';
import type { TargetGiven } from '../target.ts';
import { openProvider } from './open-provider.ts';
import type { Wanted } from './wanted.ts';

/** What all that is done with one cluster stands on; each part is had when it is first asked for, and once. */
export interface Ground {
  readonly given: TargetGiven;
  /** What todoctl.yaml says, read without the schema library. */
  readonly peek: Peek;
  /** `<root>/.todoctl/<environment>`: the private kubeconfig and other caches. */
  readonly folder: string;
  /** The definition, whole and checked. */
  platform(): Promise<Platform>;
  /** Everything that the environment is to have. */
  wanted(): Promise<Wanted>;
  provider(): Promise<Provider>;
  /** Errors: TODOCTL_NOT_DEPLOYED where there is no cluster. */
  cluster(): Promise<Cluster>;
  /** A client of that cluster. It is closed with the process. */
  kubernetes(): Promise<Kubernetes>;
  /** A client of a cluster that has only just been made. */
  open(cluster: Cluster): Kubernetes;
}

/** Errors: TODOCTL_DEFINITION_NOT_FOUND, TODOCTL_ENVIRONMENT_UNKNOWN. */
export async function openGround(given: TargetGiven): Promise<Ground> {
  const peek = await peekDefinition(given);
  const folder = path.join(await realpath(peek.root), '.todoctl', given.environment);
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const platform = once(async () => {
    const [{ loadPlatform }, { SYSTEM_SCHEMAS }] = await Promise.all([import('../../definition/load.ts'), import('../../systems/all.ts')]);
    return loadPlatform({ cwd: given.cwd, environment: given.environment, env: given.env, systems: SYSTEM_SCHEMAS });
  });
  const provider = once(() => openProvider(peek, folder, given, platform));
  const cluster = once(async () => {
    const found = await (await provider()).cluster();
    if (!found) throw noCluster(given.environment);
    return found;
  });
  const clients = new Map<string, Kubernetes>();
  const open = (there: Cluster): Kubernetes => {
    const known = clients.get(there.uid);
    if (known) return known;
    const client = new Kubernetes(there.access, { env: given.env, redactor: given.io.redactor, stop: given.leave, ...(there.renew && { renew: there.renew.bind(there) }) });
    clients.set(there.uid, client);
    return client;
  };
  return { given, peek, folder, platform, wanted: once(async () => (await import('./wanted.ts')).wantedOf(await platform())), provider, cluster, kubernetes: async () => open(await cluster()), open };
}
