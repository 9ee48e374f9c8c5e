import { parseAllDocuments } from 'yaml';

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  additionalProperties?: boolean | Schema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
}

interface Crd {
  kind: string;
  spec: { group: string; names: { kind: string }; versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[] };
}

/** What a Kubernetes API server would keep or refuse, closed-world: a key that the schema does not name is a mistake, not pruned. */
export class Crds {
  readonly #schemas = new Map<string, Schema>();

  /** `text`: CustomResourceDefinitions as YAML. */
  add(text: string): void {
    for (const document of parseAllDocuments(text)) {
      const crd = document.toJS() as Crd;
      if (crd?.kind !== 'CustomResourceDefinition') continue;
      for (const { name, served, schema } of crd.spec.versions) {
        if (served) this.#schemas.set(`${crd.spec.group}/${name} ${crd.spec.names.kind}`, schema.openAPIV3Schema);
      }
    }
  }

  /** The mistakes of an object, each with its place. */
  mistakes(object: { apiVersion: string; kind: string; metadata: object }): string[] {
    const kind = `${object.apiVersion} ${object.kind}`;
    const schema = this.#schemas.get(kind);
    if (!schema) return [`no CRD for ${kind}`];
    const { metadata, ...rest } = object;
    const names = Object.keys(metadata).filter((key) => !['name', 'namespace', 'labels', 'annotations'].includes(key));
    return [...names.map((key) => `metadata.${key} is unknown`), ...check(rest, { ...schema, properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...schema.properties } }, kind)];
  }
}

function check(value: unknown, schema: Schema, at: string): string[] {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value) ? [] : [`${at} is neither a text nor a whole number`];
  if (schema.type !== undefined && !fits(value, schema.type)) return [`${at} is not of type ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is not one of ${schema.enum.join(', ')}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => (schema.items ? check(item, schema.items, `${at}[${index}]`) : []));
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`);
  const inner = Object.entries(value).flatMap(([key, child]) => {
    const named = schema.properties?.[key] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (named) return check(child, named, `${at}.${key}`);
    return schema.additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] ? [] : [`${at}.${key} is unknown`];
  });
  return [...missing, ...inner];
}

function fits(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
