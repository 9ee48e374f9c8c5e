import type { Clock } from '../io/clock.ts';
import type { Log } from '../io/json-log.ts';
import { appListens } from './app/app-port.ts';
import type { AppClient } from './app/app-client.ts';
import type { App } from './config.ts';
import { healthRoutes } from './http/health-routes.ts';
import { invoke, type AppDirectory } from './http/invoke.ts';
import { metadataRoutes } from './http/metadata-routes.ts';
import { publishRoutes } from './http/publish-routes.ts';
import { refusedRoutes } from './http/refused-routes.ts';
import { router } from './http/router.ts';
import { secretRoutes } from './http/secret-routes.ts';
import { listen, type Listening } from './http/server.ts';
import { stateRoutes } from './http/state-routes.ts';
import { joinConsumerGroup, type GroupMember } from './kafka/group-member.ts';
import { publisher } from './pubsub/publisher.ts';
import { consumeClaim } from './pubsub/subscriber.ts';
import type { AppResources } from './resources/app-resources.ts';
import { openComponents, type OpenComponents, type OpenState } from './open-components.ts';

/** The Dapr release whose behaviour this is held to. */
const RUNTIME_VERSION = '1.18.2';

interface Options {
  app: App;
  client: AppClient;
  resources: AppResources;
  directory: AppDirectory;
  openState: OpenState;
  clock: Clock;
  log: Log;
  shutdown: () => void;
}

/** The sidecar of one app: its HTTP API, its components, its subscriptions. */
export class AppSidecar {
  readonly #options: Options;
  readonly #stop = new AbortController();
  readonly #members: GroupMember[] = [];
  #components: OpenComponents | undefined;
  #server: Listening | undefined;
  #subscribed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Opens the components and the port; resolves when both are there. Subscriptions begin when the app listens. */
  async start(): Promise<void> {
    const { app, resources, directory, openState, clock, log } = this.#options;
    const { configuration, resiliency } = resources;
    const { tracing } = configuration;
    const components = await openComponents(resources, app, { openState, clock });
    this.#components = components;
    const shared = { appId: app.appId, resiliency, clock, stop: this.#stop.signal };
    const publish = publisher({ ...shared, components: components.pubsubs });
    const find = router([
      ...healthRoutes({ appId: app.appId, unready: () => this.#unready(), outboundUnready: () => [], shutdown: () => this.#options.shutdown() }),
      ...metadataRoutes({ appId: app.appId, appPort: app.appPort, runtimeVersion: RUNTIME_VERSION, components: resources.components.map(({ name, type, version }) => ({ name, type, version })), subscriptions: resources.subscriptions }),
      ...publishRoutes({ appId: app.appId, publisher: publish, tracing, clock }),
      ...stateRoutes({ ...shared, stores: components.states }),
      ...secretRoutes({ stores: resources.secretStores, allowed: (store, key) => configuration.secretAllowed(store, key) }),
      ...refusedRoutes(),
    ]);
    this.#server = await listen({ port: app.httpPort, apiToken: app.apiToken, find, fallback: invoke({ ...shared, apps: directory, tracing }), log });
    void this.#subscribe(publish).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) log.error(`subscriptions: ${(error as Error).message}`);
    });
  }

  /** Finishes what is in flight, commits offsets, closes the port and the components. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#members.map((member) => member.stop()));
    await this.#server?.close();
    await this.#components?.close();
    this.#options.client.close();
  }

  /** daprd's healthz also fails while it waits for the app's port. */
  #unready(): string[] {
    return this.#subscribed ? [] : ['app'];
  }

  async #subscribe(publish: ReturnType<typeof publisher>): Promise<void> {
    const { app, client, resources, clock, log } = this.#options;
    const { resiliency, configuration } = resources;
    await appListens(app.appPort, { clock, stop: this.#stop.signal });
    const byPubsub = Map.groupBy(resources.subscriptions, ({ pubsub }) => pubsub);
    for (const [pubsub, subscriptions] of byPubsub) {
      const settings = this.#components?.kafka.get(pubsub);
      if (!settings) {
        log.warn(`no component ${pubsub} is in scope: its subscriptions are ignored`);
        continue;
      }
      const byTopic = new Map(subscriptions.filter(({ topic }) => settings.scope.maySubscribe(topic)).map((subscription) => [subscription.topic, subscription]));
      const options = { app: client, publisher: publish, inbound: resiliency.inbound(pubsub), consumeRetry: settings.consumeRetry, tracing: configuration.tracing, clock, log };
      const member = joinConsumerGroup({
        ...settings,
        topics: [...byTopic.keys()],
        consume: async (claim) => {
          const subscription = byTopic.get(claim.topic);
          if (subscription) await consumeClaim(claim, subscription, options);
        },
        clock,
        log,
      });
      this.#members.push(member);
    }
    this.#subscribed = true;
  }
}
