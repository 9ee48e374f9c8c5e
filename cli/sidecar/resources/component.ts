import { randomUUID } from 'node:crypto';
import { isRecord, scalar, type ResourceDocument } from './document.ts';
import { ResourceError } from './resource-error.ts';

/** Looks a secret up: the value of `key` in the secret `name` of a store, or undefined. */
export type SecretLookup = (store: string, name: string, key: string) => Promise<string | undefined>;

/** A Component for one app: placeholders filled, secrets read. */
export interface Component {
  file: string;
  name: string;
  /** `pubsub.kafka`, `state.postgresql`, … */
  type: string;
  version: string;
  metadata: Metadata;
}

/** A component's properties. Dapr looks most of them up without regard to case. */
export class Metadata {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = new Map([...values].map(([name, value]) => [name.toLowerCase(), value]));
  }
  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase());
  }
  /** True for what Go's strconv.ParseBool and Dapr count as true. */
  flag(name: string): boolean {
    return ['true', '1', 't', 'y', 'yes', 'on'].includes((this.get(name) ?? '').toLowerCase());
  }
}

/** The type and version of a Component, before anything of it is resolved. */
export function componentHead(document: ResourceDocument): { type: string; version: string } {
  const spec = document.body['spec'];
  const type = isRecord(spec) ? scalar(spec['type']) : undefined;
  if (!isRecord(spec) || !type) throw new ResourceError(document.file, `Component ${document.name} has no spec.type`);
  return { type, version: scalar(spec['version']) ?? 'v1' };
}

/** Fills `{appID}`, `{podName}`, `{namespace}` and `{uuid}` (pkg/runtime/meta/meta.go). There is one namespace here, `default`. */
export function fillPlaceholders(value: string, app: { appId: string; podName: string }): string {
  return value
    .replaceAll('{uuid}', () => randomUUID())
    .replaceAll('{podName}', () => app.podName)
    .replaceAll('{namespace}', () => `default.${app.appId}`)
    .replaceAll('{appID}', () => app.appId);
}

/** A Component with its properties resolved for one app. Throws a ResourceError that names the property. */
export async function resolveComponent(
  document: ResourceDocument,
  app: { appId: string; podName: string },
  lookup: SecretLookup,
): Promise<Component> {
  const { file, name, body } = document;
  const { type, version } = componentHead(document);
  const spec = body['spec'] as Record<string, unknown>;
  const items = spec['metadata'] ?? [];
  if (!Array.isArray(items)) throw new ResourceError(file, `Component ${name}: spec.metadata must be a list of name and value`);
  const store = isRecord(body['auth']) ? scalar(body['auth']['secretStore']) : undefined;
  const values = new Map<string, string>();
  for (const item of items as unknown[]) {
    const key = isRecord(item) ? scalar(item['name']) : undefined;
    if (!isRecord(item) || !key) throw new ResourceError(file, `Component ${name}: an item of spec.metadata has no name`);
    const reference = item['secretKeyRef'];
    const value = isRecord(reference) ? await secret(reference, key) : (scalar(item['value']) ?? '');
    values.set(key, fillPlaceholders(value, app));
  }
  return { file, name, type, version, metadata: new Metadata(values) };

  async function secret(reference: Record<string, unknown>, property: string): Promise<string> {
    const secretName = scalar(reference['name']) ?? '';
    if (!store) throw new ResourceError(file, `Component ${name}: ${property} is a secretKeyRef, but auth.secretStore is missing`);
    const value = await lookup(store, secretName, scalar(reference['key']) ?? secretName);
    if (value === undefined) throw new ResourceError(file, `Component ${name}: ${property} refers to secret ${secretName}, which ${store} does not have`);
    return value;
  }
}
