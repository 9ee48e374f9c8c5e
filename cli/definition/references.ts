import { nearest } from '../errors/nearest.ts';
import { kubernetesNameProblems } from './kubernetes-names.ts';
import { offer, type Path, type Problem } from './problems.ts';
import { reservedNameProblems } from './reserved-names.ts';
import { parseSize } from './size.ts';

/**
 * Mistakes between parts of a definition: what is named but not declared, routes taken twice, bounds that cross.
 * Reads the definition as it was written, so that these are found beside the schema's complaints and not after them.
 */
export function referenceProblems(definition: unknown): Problem[] {
  const topics = keys(definition, 'topics');
  const services = keys(definition, 'services');
  const problems: Problem[] = [];

  const undeclaredTopic = (topic: unknown, path: Path, at: Problem['at']): void => {
    if (typeof topic !== 'string' || topics.includes(topic)) return;
    problems.push({ code: 'TODOCTL_TOPIC_UNDECLARED', message: `the topic ${topic} is not declared${offer(nearest(topic, topics))}`, path, at });
  };
  const undeclaredService = (service: unknown, path: Path, at: Problem['at']): void => {
    if (typeof service !== 'string' || services.includes(service)) return;
    problems.push({ code: 'TODOCTL_SERVICE_UNDECLARED', message: `the service ${service} is not declared${offer(nearest(service, services))}`, path, at });
  };

  for (const [service, settings] of entries(definition, 'services')) {
    const path = ['services', service] as const;
    for (const relation of ['publishes', 'subscribes', 'listens']) {
      const named = field(settings, relation);
      if (Array.isArray(named)) for (const [index, topic] of named.entries()) undeclaredTopic(topic, [...path, relation, index], 'value');
      else for (const [topic] of entries(settings, relation)) undeclaredTopic(topic, [...path, relation, topic], 'key');
    }
    const invoked = field(settings, 'invokes');
    if (Array.isArray(invoked)) for (const [index, other] of invoked.entries()) undeclaredService(other, [...path, 'invokes', index], 'value');
    problems.push(...crossedBounds(field(settings, 'scale'), [...path, 'scale']), ...crossedLimits(field(settings, 'resources'), [...path, 'resources']), ...deliveredTwice(settings, path));
  }
  for (const [environment, settings] of entries(definition, 'environments')) {
    const path = ['environments', environment] as const;
    for (const [topic] of entries(settings, 'topics')) undeclaredTopic(topic, [...path, 'topics', topic], 'key');
    for (const [service, changed] of entries(settings, 'services')) {
      undeclaredService(service, [...path, 'services', service], 'key');
      const platformScale = field(field(field(definition, 'services'), service), 'scale');
      const scale = { ...asMap(platformScale), ...asMap(field(changed, 'scale')) };
      if (field(changed, 'scale') !== undefined) problems.push(...crossedBounds(scale, [...path, 'services', service, 'scale']));
      const resources = { ...asMap(field(field(field(definition, 'services'), service), 'resources')), ...asMap(field(changed, 'resources')) };
      if (field(changed, 'resources') !== undefined) problems.push(...crossedLimits(resources, [...path, 'services', service, 'resources']));
    }
    problems.push(...crossedBounds(field(settings, 'nodes'), [...path, 'nodes']), ...withoutStrimzi(settings, path), ...withoutPooler(settings, path));
    for (const [named, at] of movedTopics(settings)) undeclaredTopic(named, [...path, ...at], 'value');
  }
  const inCluster = entries(definition, 'environments').some(([, settings]) => field(settings, 'provider') !== 'local');
  const platform = field(definition, 'platform');
  const consumed = new Map(entries(definition, 'services').map(([service, settings]) => [service, consumedTopics(settings)]));
  return [
    ...problems,
    ...takenRoutes(definition),
    ...sharedNames(definition),
    ...reservedNameProblems(platform, topics, services, inCluster),
    ...kubernetesNameProblems(platform, consumed, inCluster),
  ];
}

function takenRoutes(definition: unknown): Problem[] {
  const takenBy = new Map<string, string>();
  return entries(definition, 'services').flatMap(([service, settings]): Problem[] => {
    const route = field(settings, 'route');
    if (typeof route !== 'string') return [];
    const other = takenBy.get(route);
    takenBy.set(route, other ?? service);
    if (other === undefined) return [];
    return [{ code: 'TODOCTL_ROUTE_TAKEN', message: `the route ${route} is taken by ${other} already`, path: ['services', service, 'route'], at: 'value' }];
  });
}

/** Dapr's Subscription objects are named `<service>-<topic>`: `a` with `b-c` and `a-b` with `c` would be one object. */
function sharedNames(definition: unknown): Problem[] {
  const takenBy = new Map<string, string>();
  return entries(definition, 'services').flatMap(([service, settings]) =>
    consumedTopics(settings).flatMap((topic): Problem[] => {
      const object = `${service}-${topic}`;
      const other = takenBy.get(object);
      takenBy.set(object, other ?? service);
      if (other === undefined || other === service) return [];
      return [{ code: 'TODOCTL_DEFINITION_BAD_NAME', message: `${service} with ${topic} and ${other} with its topic would both be named ${object}`, path: ['services', service], at: 'key' }];
    }),
  );
}

function consumedTopics(settings: unknown): string[] {
  return ['subscribes', 'listens'].flatMap((relation) => {
    const named = field(settings, relation);
    return Array.isArray(named) ? named.map(String) : Object.keys(asMap(named));
  });
}

/** Topics that an environment's connectors and mirror name, with their places. */
function movedTopics(settings: unknown): [unknown, Path][] {
  const listed = (block: unknown, key: string, path: Path): [unknown, Path][] => {
    const named = field(block, key);
    return Array.isArray(named) ? named.map((topic, index) => [topic, [...path, key, index]]) : [];
  };
  const connectors = entries(settings, 'connectors').flatMap(([name, one]) => ['reads', 'writes'].flatMap((key) => listed(one, key, ['connectors', name])));
  return [...connectors, ...listed(field(settings, 'mirror'), 'topics', ['mirror'])];
}

/** Strimzi's operator is what runs connectors and mirrors; where others run Kafka, there is none. */
function withoutStrimzi(settings: unknown, path: Path): Problem[] {
  const kafka = field(settings, 'kafka');
  const provider = field(kafka, 'provider') ?? (field(kafka, 'bootstrap') === undefined ? 'strimzi' : 'external');
  if (provider === 'strimzi' && field(settings, 'provider') !== 'local') return [];
  return ['connectors', 'mirror'].flatMap((block): Problem[] => {
    if (field(settings, block) === undefined) return [];
    return [{ code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${[...path, block].join('.')} runs in a cluster whose Kafka is of provider strimzi only`, path: [...path, block], at: 'key' }];
  });
}

/** Before a database of our own in the cluster stands no pooler. */
function withoutPooler(settings: unknown, path: Path): Problem[] {
  const postgres = field(settings, 'postgres');
  const provider = field(postgres, 'provider') ?? (field(postgres, 'url') === undefined ? 'cluster' : 'external');
  if (field(postgres, 'pooled') === undefined || provider !== 'cluster' || field(settings, 'provider') === 'local') return [];
  const message = `${[...path, 'postgres', 'pooled'].join('.')} needs a PostgreSQL of provider digitalocean or external; to one in the cluster give connections, or a smaller pool`;
  return [{ code: 'TODOCTL_DEFINITION_BAD_VALUE', message, path: [...path, 'postgres', 'pooled'], at: 'key' }];
}

/** A topic both subscribed and listened to would reach one path twice. */
function deliveredTwice(settings: unknown, path: Path): Problem[] {
  const listened = field(settings, 'listens');
  const subscribes = field(settings, 'subscribes');
  const subscribed: unknown[] = Array.isArray(subscribes) ? subscribes : Object.keys(asMap(subscribes));
  if (!Array.isArray(listened)) return [];
  return listened.flatMap((topic, index): Problem[] => {
    if (!subscribed.includes(topic)) return [];
    return [{ code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${String(topic)} is subscribed to already; choose one of subscribes and listens`, path: [...path, 'listens', index], at: 'value' }];
  });
}

function crossedBounds(bounds: unknown, path: Path): Problem[] {
  const min = field(bounds, 'min');
  const max = field(bounds, 'max');
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
  return [{ code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${path.join('.')} has a min of ${min} above its max of ${max}`, path, at: 'key' }];
}

/** A node would never take a replica that asks for more than it may have. */
function crossedLimits(resources: unknown, path: Path): Problem[] {
  return (['cpu', 'memory'] as const).flatMap((key): Problem[] => {
    const asked = amount(field(resources, key));
    const limit = amount(field(resources, `${key}Limit`));
    if (asked === undefined || limit === undefined || asked <= limit) return [];
    return [{ code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${path.join('.')} asks for more ${key} than its limit`, path, at: 'key' }];
  });
}

/** A number, or the bytes of a size. */
function amount(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseSize(value) : undefined;
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function field(value: unknown, key: string): unknown {
  const map = asMap(value);
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function entries(value: unknown, key: string): [string, unknown][] {
  return Object.entries(asMap(field(value, key)));
}

function keys(value: unknown, key: string): string[] {
  return Object.keys(asMap(field(value, key)));
}
