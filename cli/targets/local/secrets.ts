import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Platform, SecretReference } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { writePrivate } from './json-file.ts';

/** Values by file name under `secrets/`: `postgres`, `todo-user`, and each service's `<name>.dapr-token` and `<name>.app-token`. */
export type Secrets = Readonly<Record<string, string>>;

export const POSTGRES_SECRET = 'postgres';
export const USER_SECRET = 'todo-user';
export const daprToken = (service: string): string => `${service}.dapr-token`;
export const appToken = (service: string): string => `${service}.app-token`;

const SECRET_BYTES = 24;

/** Names of the secrets that an environment makes for itself. */
export function secretNames({ environment, services }: Platform): string[] {
  return [
    ...(environment.postgres?.url ? [] : [POSTGRES_SECRET, USER_SECRET]),
    ...services.filter(({ sidecar }) => sidecar).flatMap(({ name }) => [daprToken(name), appToken(name)]),
  ];
}

/** What is there of these secrets. */
export async function readSecrets(folder: string, names: readonly string[]): Promise<Secrets> {
  const found = await Promise.all(names.map(async (name) => [name, await readSecret(path.join(folder, name))] as const));
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Makes the secrets that are missing. One that is there is never changed: data may be locked with it. */
export async function makeSecrets(folder: string, names: readonly string[], random: () => string = randomSecret): Promise<void> {
  const there = await readSecrets(folder, names);
  await Promise.all(names.filter((name) => there[name] === undefined).map((name) => writePrivate(path.join(folder, name), `${random()}\n`)));
}

/** What a reference of the definition stands for. Throws TODOCTL_SECRET_MISSING, which names the reference, never a value. */
export async function resolveSecret(reference: SecretReference, env: NodeJS.ProcessEnv): Promise<string> {
  const value = 'env' in reference ? env[reference.env] : await readSecret(reference.file);
  if (value) return value;
  const what = 'env' in reference ? `The environment variable ${reference.env} is not set` : `${reference.file} cannot be read or is empty`;
  throw new TodoctlError('TODOCTL_SECRET_MISSING', { message: what });
}

/** A value of `secrets/`, which must be there by now. */
export function secretOf(secrets: Secrets, name: string): string {
  const value = secrets[name];
  if (value === undefined) throw new Error(`no secret ${name} was made`);
  return value;
}

async function readSecret(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then((text) => text.trim() || undefined, () => undefined);
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Every secret that lies in the folder, for the redactor. */
export async function knownSecrets(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return Object.values(await readSecrets(folder, names));
}
