// Redis is there only where an environment asks for it.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { redis, redisHost } from '../../../cli/systems/redis.ts';
import { platformIn } from '../../support/rendered.ts';

const cluster = (more = ''): Promise<Platform> =>
  platformIn('prod', `platform: todo\ntopics: {}\nservices: { notifier: { state: true }, web: {} }\nenvironments: { prod: { provider: existing, context: c${more} } }\n`);

test('not asked for: nothing', async () => {
  expect(redis.parts(await cluster(), {})).toBeUndefined();
  expect(redisHost(await cluster())).toBeUndefined();
});

test('a laptop has none, whatever its block says', async () => {
  expect(redisHost(await platformIn('local', 'platform: todo\ntopics: {}\nservices: { notifier: { state: true } }\nenvironments: { local: { provider: local, redis: {} } }\n'))).toBeUndefined();
});

describe('asked for', () => {
  test('one Valkey with a disk, which the services with state may call', async () => {
    const platform = await cluster(', redis: { memory: 100, storage: 3GiB }');
    const pods = { namespace: 'todo', labels: { 'app.kubernetes.io/name': 'valkey', 'app.kubernetes.io/instance': 'valkey' } };
    expect(redis.parts(platform, {})).toMatchObject({
      charts: [{ release: 'valkey', namespace: 'todo', chart: 'valkey', repository: 'https://valkey.io/valkey-helm/', version: '0.11.0', pods: [{ name: 'valkey', replicas: 1, cpu: 100, memory: 200, volumes: [3] }] }],
      serves: [{ id: 'redis', pods, ports: [{ port: 6379 }] }],
      calls: [{ from: { namespace: 'todo', labels: { 'app.kubernetes.io/name': 'notifier' } }, to: ['redis'] }],
    });
    expect(redisHost(platform)).toBe('valkey.todo.svc:6379');
  });

  test('its password is in a Secret that its values name, and it keeps what it is given', async () => {
    const [chart] = redis.parts(await cluster(', redis: {}'), {})?.charts ?? [];
    const room = { cpu: '100m', memory: '512Mi' };
    expect(parse(openTemplates().fill(chart?.values.template ?? '', chart?.values.view ?? {}))).toEqual({
      fullnameOverride: 'valkey',
      auth: { enabled: true, usersExistingSecret: 'redis', aclUsers: { default: { permissions: '~* &* +@all', passwordKey: 'password' } } },
      valkeyConfig: 'appendonly yes\nmaxmemory 256mb\nmaxmemory-policy noeviction\n',
      dataStorage: { enabled: true, requestedSize: '1Gi' },
      deploymentStrategy: 'Recreate',
      readinessProbe: { enabled: true },
      resources: { requests: room, limits: { memory: '512Mi' } },
      initResources: { requests: room },
    });
  });

  test('its disk outlives its claim where people rely on it', async () => {
    const definition = 'platform: todo\ntopics: {}\nservices: { notifier: { state: true } }\nenvironments: { prod: { provider: digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }, protected: true, redis: {} } }\n';
    const [chart] = redis.parts(await platformIn('prod', definition), {})?.charts ?? [];
    expect(parse(openTemplates().fill(chart?.values.template ?? '', chart?.values.view ?? {}))).toMatchObject({ dataStorage: { className: 'do-block-storage-retain' } });
  });

  test.each(['redis: { memory: 1 }', 'redis: { storage: 1 }', 'redis: { size: 1GiB }'])('not with %s', async (block) => {
    await expect(cluster(`, ${block}`)).rejects.toMatchObject({ code: expect.stringMatching(/^TODOCTL_DEFINITION_/) as string });
  });
});
