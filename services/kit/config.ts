import { readFileSync } from 'node:fs';
import { LOG_LEVELS, type LogLevel } from './log.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who a request is: by header on a laptop, by a signed token everywhere else. */
export type AuthConfig =
  | { readonly mode: 'local' }
  | { readonly mode: 'jwt'; readonly issuer: string; readonly audience: string; readonly keys: { jwksUrl: string } | { key: string } };

export interface ServiceConfig {
  readonly service: string;
  /** Unique among the processes of the platform, e.g. `task-api-0`. */
  readonly replica: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Absent where no AUTH_MODE is set; a service with user routes then refuses to start. */
  readonly auth?: AuthConfig;
  /** `pooled`: the address is a transaction pooler's (PgBouncer), so nothing may be kept in the session. `connections`: most of this process's pool. */
  readonly database?: { readonly url: string; readonly pooled: boolean; readonly connections?: number };
  readonly dapr?: { readonly port: number; readonly apiToken?: string };
  /** What Dapr sends as `dapr-api-token`; without it a route with access 'app' cannot be served. */
  readonly appToken?: string;
  /** How long requests in flight may take to finish. */
  readonly shutdownMs: number;
  /** A service's own setting, with `NAME_FILE` respected; undefined where it is not set. */
  setting(name: string): string | undefined;
}

/** The environment is wrong; `message` has one line for each variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a service's environment. `NAME_FILE` names a file whose trimmed content is NAME's value.
 * Throws ConfigError that names everything wrong at once and never quotes a value.
 */
export function readConfig(env: Environment): ServiceConfig {
  const wrong: string[] = [];
  const read = reader(env, wrong);
  const service = read.required('SERVICE');
  const url = read.optional('DATABASE_URL');
  const daprPort = read.number('DAPR_HTTP_PORT', undefined, 1, 65_535);
  const daprToken = read.optional('DAPR_API_TOKEN');
  const appToken = read.optional('APP_API_TOKEN');
  const connections = read.number('DATABASE_CONNECTIONS', undefined, 1, 100);
  const auth = readAuth(read, wrong);
  const config: ServiceConfig = {
    service,
    replica: read.optional('REPLICA') ?? `${service}-0`,
    host: read.optional('HOST') ?? '127.0.0.1',
    port: read.number('PORT', undefined, 0, 65_535) ?? read.missing('PORT', 0),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    shutdownMs: (read.number('SHUTDOWN_SECONDS', 10, 0, 600) ?? 10) * 1000,
    ...(auth ? { auth } : {}),
    ...(url ? { database: { url, pooled: read.oneOf('DATABASE_POOLED', ['true', 'false']) === 'true', ...(connections === undefined ? {} : { connections }) } } : {}),
    ...(daprPort ? { dapr: { port: daprPort, ...(daprToken ? { apiToken: daprToken } : {}) } } : {}),
    ...(appToken ? { appToken } : {}),
    setting: (name) => reader(env, []).optional(name),
  };
  if (wrong.length > 0) throw new ConfigError(`the environment is not complete:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  return config;
}

function readAuth(read: Reader, wrong: string[]): AuthConfig | undefined {
  const mode = read.oneOf('AUTH_MODE', ['local', 'jwt']);
  if (mode === undefined) return undefined;
  if (mode === 'local') return { mode };
  const jwksUrl = read.optional('AUTH_JWKS_URL');
  const key = read.optional('AUTH_KEY');
  if (!jwksUrl && !key) wrong.push('AUTH_JWKS_URL or AUTH_KEY_FILE is missing: AUTH_MODE=jwt needs a key to check tokens with');
  if (jwksUrl && !URL.canParse(jwksUrl)) wrong.push('AUTH_JWKS_URL is not a URL');
  const issuer = read.required('AUTH_ISSUER');
  const audience = read.required('AUTH_AUDIENCE');
  return { mode, issuer, audience, keys: jwksUrl ? { jwksUrl } : { key: key ?? '' } };
}

interface Reader {
  optional(name: string): string | undefined;
  required(name: string): string;
  number(name: string, fallback: number | undefined, min: number, max: number): number | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  missing<T>(name: string, placeholder: T): T;
}

function reader(env: Environment, wrong: string[]): Reader {
  const missing = <T>(name: string, placeholder: T): T => {
    if (!wrong.some((line) => line.startsWith(`${name} `))) wrong.push(`${name} is missing`);
    return placeholder;
  };
  const optional = (name: string): string | undefined => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    const file = env[`${name}_FILE`];
    if (file === undefined || file === '') return undefined;
    try {
      return readFileSync(file, 'utf8').trim() || undefined;
    } catch (error) {
      wrong.push(`${name}_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
      return undefined;
    }
  };
  return {
    optional,
    missing,
    required: (name) => optional(name) ?? missing(name, ''),
    number(name, fallback, min, max) {
      const text = optional(name);
      if (text === undefined) return fallback;
      const value = Number(text);
      if (Number.isInteger(value) && value >= min && value <= max) return value;
      wrong.push(`${name} must be a whole number from ${min} to ${max}`);
      return fallback ?? min;
    },
    oneOf<T extends string>(name: string, values: readonly T[]) {
      const text = optional(name);
      if (text === undefined) return undefined;
      const found = values.find((value) => value === text);
      if (found === undefined) wrong.push(`${name} must be one of ${values.join(', ')}`);
      return found;
    },
  };
}
