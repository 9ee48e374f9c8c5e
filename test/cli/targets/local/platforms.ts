// Platforms for tests, from the real loader: a definition as a user would write it.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { loadPlatform } from '../../../../cli/definition/load.ts';
import type { Platform } from '../../../../cli/definition/platform.ts';

export const TODO = `platform: todo
topics:
  task-events: { key: task, partitions: 3, retention: 7d }
  task-updates: { key: user, partitions: 3, retention: 1d }
services:
  task-api: { route: /api, publishes: [task-events, task-updates], database: true, replicas: 2 }
  audit: { subscribes: [task-events], database: true, state: true }
  realtime: { route: /live, listens: [task-updates] }
  web: { route: / }
environments:
  local: { provider: local }
`;

/** A folder of the test's own; gone when the test is over. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'todoctl-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The platform of a definition, with `local: { provider: local }` exchanged for `environment`. */
export async function platformOf(given: { yaml?: string; environment?: string; folder?: string } = {}): Promise<Platform> {
  const { yaml = TODO, environment = 'provider: local', folder = temporaryFolder() } = given;
  writeFileSync(path.join(folder, 'todoctl.yaml'), yaml.replace('local: { provider: local }', `local: { ${environment} }`));
  return loadPlatform({ cwd: folder, environment: 'local', env: {} });
}
