import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPostgres } from '../../../cli/targets/local/postgres/binaries.ts';
import { POSTGRES_IMAGE } from '../../../cli/systems/database.ts';
import type { Image } from './image-archive.ts';
import { folderFiles, librariesOf, programFiles } from './libraries.ts';

const CACHE = path.resolve(import.meta.dirname, '../../../.cache/images');
const HOME = '/usr/local/postgres';
/** Debian's clients, of whatever version: asking whether a server takes connections has not changed for years. */
const CLIENTS = '/usr/lib/postgresql';

/** PostgreSQL as npm has it for this machine, under the name of the image that an environment pins; psql and pg_isready are Debian's. */
export function postgresImage(): Image | { skipped: string } {
  const versions = existsSync(CLIENTS) ? readdirSync(CLIENTS).sort((a, b) => Number(b) - Number(a)) : [];
  const client = versions.map((version) => path.join(CLIENTS, version, 'bin')).find((folder) => existsSync(path.join(folder, 'pg_isready')));
  if (client === undefined) return { skipped: 'pg_isready is not installed (Debian: postgresql-client)' };
  const native = path.resolve(findPostgres().initdb, '../..');
  const own = folderFiles(native, HOME, (file) => !file.endsWith('.a'));
  const clients = Object.fromEntries(['pg_isready', 'psql'].map((name) => [`/bin/${name}`, path.join(client, name)]));
  const libraries = { ...librariesOf(Object.values(own).filter((file) => file.includes('/bin/') || file.includes('.so'))), ...librariesOf(Object.values(clients)) };
  const foreign = Object.fromEntries(Object.entries(libraries).filter(([at]) => !at.startsWith(native)));
  // initdb wants to know by which name it runs.
  const users = path.join(CACHE, 'postgres-passwd');
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(users)) writeFileSync(users, 'root:x:0:0::/:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n');
  return {
    names: [POSTGRES_IMAGE, `docker.io/library/${POSTGRES_IMAGE}`],
    files: { ...programFiles(['sh', 'sed', 'rm', 'mv', 'cat', 'date', 'sleep']), ...foreign, ...own, ...clients, '/etc/passwd': users },
    env: [`PATH=${HOME}/bin:/bin`],
    // As the published image: connections are not waited for.
    stopSignal: 'SIGINT',
  };
}
