import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Answer, Route } from './route.ts';

/** Handed to developers beside the repository and not part of it: 126 paths of DigitalOcean's own document. */
const FILE = path.join(import.meta.dirname, '../../../../shared/specs/digitalocean-openapi.json');

/** An independent opinion on requests and answers: each method says what is wrong with one. */
export interface Contract {
  request(route: Route, params: Readonly<Record<string, string>>, query: URLSearchParams, body: unknown): readonly string[];
  response(route: Route, answer: Answer): readonly string[];
  /** Scopes and names of the query that the document has for a route; undefined where it has no such route. */
  route(route: Route): { scopes: readonly string[]; query: readonly string[] } | undefined;
}

interface Content {
  content?: Record<string, { schema?: object }>;
  $ref?: string;
}

interface Parameter {
  in: string;
  name: string;
  schema?: object;
  required?: boolean;
  $ref?: string;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
  security?: { bearer_auth?: string[] }[];
}

interface Document {
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
  components: Record<string, Record<string, unknown>>;
}

let shared: Contract | undefined;

/** Reads the document once; says aloud, once, that there is none. */
export function openContract(file = FILE): Contract | { skipped: string } {
  if (!existsSync(file)) return { skipped: `requests are not checked against DigitalOcean's document: ${file} is not there` };
  return (shared ??= contractOf(JSON.parse(readFileSync(file, 'utf8')) as Document));
}

function contractOf(document: Document): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  ajv.addFormat('cidr', /^\d+\.\d+\.\d+\.\d+\/\d+$/);
  ajv.addSchema(document, 'api');
  const compiled = new Map<object, ValidateFunction>();
  const problems = (schema: object | undefined, value: unknown): string[] => {
    if (schema === undefined) return [];
    let validate = compiled.get(schema);
    if (validate === undefined) compiled.set(schema, (validate = ajv.compile(absolute(schema) as object)));
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath || '/'} ${message}`);
  };
  const resolve = <T extends { $ref?: string }>(one: T): T => {
    if (one.$ref === undefined) return one;
    const [, , kind = '', name = ''] = one.$ref.split('/');
    return document.components[kind]?.[name] as T;
  };
  const operationOf = ({ method, path: at }: Route): { operation: Operation; parameters: Parameter[] } | undefined => {
    const item = document.paths[at];
    const operation = item?.[method.toLowerCase()];
    return operation && { operation, parameters: [...(item?.parameters ?? []), ...(operation.parameters ?? [])].map(resolve) };
  };
  const named = (route: Route, side: string, found: readonly string[]): string[] => found.map((problem) => `${route.method} ${route.path}: ${side}: by DigitalOcean's document: ${problem}`);
  return {
    request(route, params, query, body) {
      const there = operationOf(route);
      if (there === undefined) return named(route, 'request', ['there is no such route']);
      const { operation, parameters } = there;
      const wrong: string[] = [];
      for (const { in: where, name, schema } of parameters) {
        const text = where === 'path' ? params[name] : where === 'query' ? (query.get(name) ?? undefined) : undefined;
        if (text !== undefined) wrong.push(...problems(schema, plain(schema, text)).map((problem) => `${name}: ${problem}`));
      }
      if (operation.requestBody !== undefined && body !== undefined) wrong.push(...problems(resolve(operation.requestBody).content?.['application/json']?.schema, body));
      return named(route, 'request', wrong);
    },
    response(route, { status, body, type = 'application/json' }) {
      const responses = operationOf(route)?.operation.responses;
      if (responses === undefined) return [];
      const response = responses[String(status)];
      if (response === undefined) return named(route, 'answer', [`${status} is none of ${Object.keys(responses).join(', ')}`]);
      return body === undefined ? [] : named(route, `answer ${status}`, problems(resolve(response).content?.[type]?.schema, JSON.parse(JSON.stringify(body))));
    },
    route(route) {
      const there = operationOf(route);
      return there && { scopes: there.operation.security?.[0]?.bearer_auth ?? [], query: there.parameters.filter((one) => one.in === 'query').map(({ name }) => name) };
    },
  };
}

/** References of the document, as seen from a schema that stands alone. */
function absolute(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `api${value}` : value))) as unknown;
}

/** A text of a path or a query as the type that its schema names. */
function plain(schema: object | undefined, text: string): unknown {
  const type = (schema as { type?: string } | undefined)?.type;
  if (type === 'integer' || type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}
