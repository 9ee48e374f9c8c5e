import { openLocalFile, type SecretStore } from '../secrets/local-file.ts';
import { componentHead, resolveComponent, type Component } from './component.ts';
import { readConfiguration, type Configuration } from './configuration.ts';
import { inScope, type ResourceDocument } from './document.ts';
import { Resiliency } from './resiliency.ts';
import { ResourceError } from './resource-error.ts';
import { readSubscription, type Subscription } from './subscription.ts';

/** The component types that the local sidecar has. */
const COMPONENT_TYPES = ['pubsub.kafka', 'state.postgresql', 'secretstores.local.file'] as const;
// Read by daprd, of no concern here: an invocation's HTTP endpoint, policies of a cluster.
const KINDS = ['Component', 'Subscription', 'Resiliency', 'Configuration'];

/** What the files say for one app. */
export interface AppResources {
  components: Component[];
  secretStores: ReadonlyMap<string, SecretStore>;
  subscriptions: Subscription[];
  resiliency: Resiliency;
  configuration: Configuration;
}

/** Resolves the documents for one app: scopes, placeholders, secrets. Throws a ResourceError that names the file. */
export async function appResources(
  documents: readonly ResourceDocument[],
  configuration: ResourceDocument | undefined,
  app: { appId: string; podName: string },
): Promise<AppResources> {
  for (const { file, kind, name } of documents) {
    if (!KINDS.includes(kind)) throw new ResourceError(file, `${kind} ${name}: the local sidecar knows ${KINDS.join(', ')}`);
  }
  const mine = documents.filter((document) => inScope(document, app.appId));
  const of = (kind: string): ResourceDocument[] => mine.filter((document) => document.kind === kind);
  const heads = of('Component').map((document) => ({ document, ...componentHead(document) }));
  for (const { document, type } of heads) {
    if ((COMPONENT_TYPES as readonly string[]).includes(type)) continue;
    throw new ResourceError(document.file, `Component ${document.name}: the local sidecar has no ${type}; it has ${COMPONENT_TYPES.join(', ')}`);
  }
  const secretStores = new Map<string, SecretStore>();
  const components: Component[] = [];
  // Secret stores first: the others ask them.
  for (const secretsNow of [true, false]) {
    for (const { document, type } of heads) {
      if (type.startsWith('secretstores.') !== secretsNow) continue;
      const component = await resolveComponent(document, app, async (store, name, key) => secretStores.get(store)?.get(name)?.[key]);
      components.push(component);
      if (secretsNow) secretStores.set(component.name, await openLocalFile(component));
    }
  }
  return {
    components,
    secretStores,
    subscriptions: of('Subscription').map(readSubscription),
    resiliency: new Resiliency(of('Resiliency')),
    configuration: readConfiguration(configuration),
  };
}
