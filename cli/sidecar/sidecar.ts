import type { Clock } from '../io/clock.ts';
import type { Log } from '../io/json-log.ts';
import { appClient, type AppClient } from './app/app-client.ts';
import { AppSidecar } from './app-sidecar.ts';
import type { App, SidecarConfig } from './config.ts';
import type { AppDirectory } from './http/invoke.ts';
import { appResources } from './resources/app-resources.ts';
import { readDocuments, readFolder } from './resources/document.ts';
import { openPostgres, type PostgresPlace } from './state/postgres.ts';
import type { StateStore } from './state/store.ts';

export interface Sidecar {
  /** Finishes what is in flight, then closes everything. */
  stop(): Promise<void>;
}

/** The replicas of each app in turn: every call begins with the next one. */
function roundRobin(clients: ReadonlyMap<string, readonly AppClient[]>): AppDirectory {
  const turns = new Map<string, number>();
  return (appId) => {
    const replicas = clients.get(appId) ?? [];
    const turn = turns.get(appId) ?? 0;
    turns.set(appId, turn + 1);
    return replicas.map((_, index) => replicas[(turn + index) % replicas.length] as AppClient);
  };
}

/** State stores by their place, each opened once. */
class StateStores {
  readonly #open = new Map<string, Promise<StateStore>>();

  open(place: PostgresPlace, log: Log): Promise<StateStore> {
    const key = JSON.stringify(place);
    const opening = this.#open.get(key) ?? openPostgres(place, (error) => log.warn(`state store: ${error.message}`));
    this.#open.set(key, opening);
    return opening;
  }
  async close(): Promise<void> {
    for (const store of await Promise.allSettled(this.#open.values())) if (store.status === 'fulfilled') await store.value.close();
  }
}

/** Starts the sidecars of all apps in this process; resolves when each answers on its port. Throws a ResourceError for bad files. */
export async function startSidecar(
  { config, apps }: { config: SidecarConfig; apps: readonly App[] },
  { clock, log, shutdown }: { clock: Clock; log: Log; shutdown: () => void },
): Promise<Sidecar> {
  const documents = await readFolder(config.resourcesPath);
  const [configuration] = config.configFile
    ? await readDocuments(config.configFile)
    : documents.filter(({ kind }) => kind === 'Configuration');
  const clients = apps.map((app) => ({ app, client: appClient(app.appPort, app.appToken) }));
  const byApp = Map.groupBy(clients, ({ app }) => app.appId);
  const directory = roundRobin(new Map([...byApp].map(([appId, replicas]) => [appId, replicas.map(({ client }) => client)])));
  const states = new StateStores();
  const sidecars: AppSidecar[] = [];
  for (const { app, client } of clients) {
    const resources = await appResources(documents, configuration, app);
    sidecars.push(new AppSidecar({ app, client, resources, directory, openState: (place) => states.open(place, log), clock, shutdown, log: log.with({ app: app.appId, pod: app.podName }) }));
  }
  await Promise.all(sidecars.map((sidecar) => sidecar.start()));
  return {
    stop: async () => {
      await Promise.all(sidecars.map((sidecar) => sidecar.stop()));
      await states.close();
    },
  };
}
