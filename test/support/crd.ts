import { parseAllDocuments } from 'yaml';
import { CEL_RULES } from './cel-rules.ts';

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  nullable?: boolean;
  default?: unknown;
  format?: string;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  not?: Schema;
  additionalProperties?: boolean | Schema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message?: string }[];
}

interface Crd {
  kind: string;
  spec: { group: string; names: { kind: string }; scope: 'Namespaced' | 'Cluster'; versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[] };
}

/** What an API server sees of an object. */
export interface CustomObject {
  apiVersion: string;
  kind: string;
  metadata: object;
}

/** What a Kubernetes API server would keep or refuse, closed-world: a key that the schema does not name is a mistake, not pruned. */
export class Crds {
  readonly #kinds = new Map<string, { schema: Schema; namespaced: boolean }>();

  /** `text`: CustomResourceDefinitions as YAML. */
  add(text: string): void {
    for (const document of parseAllDocuments(text)) {
      const crd = document.toJS() as Crd | null;
      if (crd?.kind !== 'CustomResourceDefinition') continue;
      for (const { name, served, schema } of crd.spec.versions) {
        if (served) this.#kinds.set(`${crd.spec.group}/${name} ${crd.spec.names.kind}`, { schema: schema.openAPIV3Schema, namespaced: crd.spec.scope === 'Namespaced' });
      }
    }
  }

  /** `kafka.strimzi.io/v1 Kafka`, … */
  kinds(): string[] {
    return [...this.#kinds.keys()];
  }

  /** The texts of all rules in CEL, each once. */
  rules(): string[] {
    return [...new Set([...this.#kinds.values()].flatMap(({ schema }) => rulesIn(schema)))];
  }

  /** The mistakes of an object, each with its place. An object of a kind that lives in a namespace may leave the namespace out. */
  mistakes(object: CustomObject): string[] {
    const kind = `${object.apiVersion} ${object.kind}`;
    const known = this.#kinds.get(kind);
    if (!known) return [`no CRD for ${kind}`];
    const { schema, namespaced } = known;
    const { metadata, ...rest } = object;
    const envelope = { apiVersion: { type: 'string' }, kind: { type: 'string' } };
    return [...metadataMistakes(metadata, namespaced), ...check(defaulted(rest, schema), { ...schema, required: (schema.required ?? []).filter((key) => key !== 'metadata'), properties: { ...schema.properties, ...envelope } }, kind)];
  }
}

const METADATA: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$', maxLength: 253 },
    namespace: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 },
    labels: { type: 'object', additionalProperties: { type: 'string', pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$', maxLength: 63 } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', items: { type: 'string' } },
  },
};

function metadataMistakes(metadata: object, namespaced: boolean): string[] {
  return [...check(metadata, METADATA, 'metadata'), ...(!namespaced && 'namespace' in metadata ? ['metadata.namespace is set, but the kind lives in none'] : [])];
}

/** As the API server keeps it: with the defaults that the schema has for what was left out. */
function defaulted(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (schema.items ? defaulted(item, schema.items) : item));
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {}, additionalProperties } = schema;
  const missing = Object.entries(properties).filter(([key, inner]) => inner.default !== undefined && !(key in value));
  const inner = (key: string): Schema => properties[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : {});
  const filled = { ...value, ...Object.fromEntries(missing.map(([key, { default: usual }]) => [key, usual])) };
  return Object.fromEntries(Object.entries(filled).map(([key, child]) => [key, defaulted(child, inner(key))]));
}

function check(value: unknown, schema: Schema, at: string): string[] {
  if (value === null && schema.nullable) return [];
  if (schema['x-kubernetes-int-or-string'] && typeof value !== 'string' && !Number.isInteger(value)) return [`${at} is neither a text nor a whole number`];
  if (schema.type !== undefined && !fits(value, schema.type)) return [`${at} is not of type ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is not one of ${schema.enum.join(', ')}`];
  const bounds = [...boundMistakes(value, schema, at), ...combinationMistakes(value, schema, at)];
  const inner = Array.isArray(value) ? listMistakes(value, schema, at) : typeof value === 'object' && value !== null ? mapMistakes(value, schema, at) : [];
  // As at the API server, rules are asked only of what the schema accepts.
  return bounds.length + inner.length > 0 ? [...bounds, ...inner] : ruleMistakes(value, schema, at);
}

function boundMistakes(value: unknown, schema: Schema, at: string): string[] {
  const mistakes: string[] = [];
  const unless = (fine: boolean, what: string): void => void (fine || mistakes.push(`${at} ${what}`));
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = false } = schema;
    unless(exclusiveMinimum ? value > minimum : value >= minimum, `is not at least ${minimum}`);
    unless(value <= maximum, `is not at most ${maximum}`);
    if (schema.format === 'int32') unless(Math.abs(value) < 2 ** 31, 'does not fit into 32 bits');
  }
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Infinity, pattern } = schema;
    const { length } = [...value];
    unless(length >= minLength && length <= maxLength, `has ${length} characters, not ${minLength} to ${maxLength}`);
    if (pattern !== undefined) unless(new RegExp(pattern, 'u').test(value), `does not match ${pattern}`);
    if (schema.format === 'date-time') unless(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value), 'is no time');
    if (schema.format === 'byte') unless(Buffer.from(value, 'base64').toString('base64') === value, 'is not base64');
  }
  return mistakes;
}

function combinationMistakes(value: unknown, { oneOf, anyOf, allOf, not }: Schema, at: string): string[] {
  const held = (schemas: readonly Schema[]): number => schemas.filter((schema) => holds(value, schema)).length;
  return [
    ...(oneOf && held(oneOf) !== 1 ? [`${at} is ${held(oneOf)} of the ${oneOf.length} things of which it has to be exactly one`] : []),
    ...(anyOf && held(anyOf) === 0 ? [`${at} is none of ${anyOf.length} things`] : []),
    ...(allOf && held(allOf) !== allOf.length ? [`${at} is not all of ${allOf.length} things`] : []),
    ...(not && holds(value, not) ? [`${at} is what it must not be`] : []),
  ];
}

/** A branch names a part of the object only: its other keys are known from the schema around it. */
function holds(value: unknown, branch: Schema): boolean {
  return check(value, open(branch), '').length === 0;
}

function open(schema: Schema): Schema {
  const { properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, open(inner)])) } : {}),
    ...(items ? { items: open(items) } : {}),
    'x-kubernetes-preserve-unknown-fields': true,
  };
}

function listMistakes(list: readonly unknown[], schema: Schema, at: string): string[] {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  const keys = schema['x-kubernetes-list-map-keys'];
  const identity = (item: unknown): string => JSON.stringify(keys ? keys.map((key) => (item as Record<string, unknown>)[key]) : item);
  const unique = schema['x-kubernetes-list-type'] === 'set' || schema['x-kubernetes-list-type'] === 'map';
  return [
    ...(list.length < minItems || list.length > maxItems ? [`${at} has ${list.length} items, not ${minItems} to ${maxItems}`] : []),
    ...list.flatMap((item, index) => (items ? check(item, items, `${at}[${index}]`) : [])),
    ...(unique && new Set(list.map(identity)).size < list.length ? [`${at} has an item twice`] : []),
  ];
}

function mapMistakes(map: object, schema: Schema, at: string): string[] {
  const { properties = {}, required = [], additionalProperties, minProperties = 0, maxProperties = Infinity } = schema;
  const embedded: Record<string, Schema> = schema['x-kubernetes-embedded-resource'] ? { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } : {};
  const { length } = Object.keys(map);
  return [
    ...(length < minProperties || length > maxProperties ? [`${at} has ${length} keys, not ${minProperties} to ${maxProperties}`] : []),
    ...required.filter((key) => !(key in map)).map((key) => `${at}.${key} is missing`),
    ...Object.entries(map).flatMap(([key, child]) => {
      const named = properties[key] ?? embedded[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
      if (named) return check(child, named, `${at}.${key}`);
      return additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] ? [] : [`${at}.${key} is unknown`];
    }),
  ];
}

function ruleMistakes(value: unknown, schema: Schema, at: string): string[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, message }) => {
    const holdsFor = CEL_RULES[rule];
    if (!holdsFor) return [`${at} reaches a rule that nobody has written again: ${rule}`];
    return holdsFor(value as never) ? [] : [`${at} breaks ${message ?? rule}`];
  });
}

function rulesIn(schema: Schema): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const inner = [...Object.values(properties), ...(items ? [items] : []), ...(typeof additionalProperties === 'object' ? [additionalProperties] : [])];
  return [...(schema['x-kubernetes-validations'] ?? []).map(({ rule }) => rule), ...inner.flatMap(rulesIn)];
}

function fits(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
