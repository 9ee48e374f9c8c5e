import fc from 'fast-check';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { assignPorts, bootstrapOf, isFree, portNames, type Ports, readPorts, replicasOf, writePorts } from '../../../../cli/targets/local/ports.ts';
import { describeHolder, holdersOf } from '../../../../cli/targets/local/port-holder.ts';
import { platformOf, temporaryFolder, TODO } from './platforms.ts';

const noHolder = (): undefined => undefined;
const assign = (platform: Platform, known: Ports = {}, busy: readonly number[] = [], seed = 'here'): Promise<Ports> =>
  assignPorts({ platform, known, seed, usable: async (port) => !busy.includes(port), holder: noHolder });

describe('which ports an environment needs', () => {
  test('one for the entrance, Kafka, PostgreSQL, each replica, and each replica\'s sidecar', async () => {
    expect(portNames(await platformOf())).toEqual([
      'entrance', 'kafka', 'postgres',
      'task-api-0', 'task-api-0.dapr', 'task-api-1', 'task-api-1.dapr', 'audit-0', 'audit-0.dapr', 'realtime-0', 'realtime-0.dapr', 'web-0',
    ]);
  });

  test('none for what is not embedded; more for a real daprd', async () => {
    const platform = await platformOf({ environment: 'provider: local, kafka: { bootstrap: "k:9092" }, postgres: { url: { env: X } }, dapr: { binary: daprd }' });
    const names = portNames(platform);
    expect(names).not.toContain('kafka');
    expect(names).not.toContain('postgres');
    expect(names.filter((name) => name.startsWith('audit-0'))).toEqual(['audit-0', 'audit-0.dapr', 'audit-0.dapr-grpc', 'audit-0.dapr-internal-grpc', 'audit-0.dapr-metrics']);
  });

  test('replicas are counted from 0', () => {
    expect(replicasOf({ name: 'audit', replicas: 3 })).toEqual(['audit-0', 'audit-1', 'audit-2']);
  });
});

describe('how ports are given out', () => {
  test('the same project begins at the same place, another one elsewhere', async () => {
    const platform = await platformOf();
    expect(await assign(platform)).toEqual(await assign(platform));
    expect((await assign(platform, {}, [], 'elsewhere'))['entrance']).not.toBe((await assign(platform))['entrance']);
  });

  test('what was given stays, and a newcomer takes from nobody', async () => {
    const one = await platformOf();
    const known = await assign(one);
    const more = await platformOf({ yaml: TODO.replace('replicas: 2', 'replicas: 4') });
    const ports = await assign(more, known);
    expect(ports).toMatchObject(known);
    expect(new Set(Object.values(ports)).size).toBe(portNames(more).length);
  });

  test('one that somebody else took meanwhile is exchanged, the others stay', async () => {
    const platform = await platformOf();
    const known = await assign(platform);
    const ports = await assign(platform, known, [known['kafka'] ?? 0]);
    expect(ports['kafka']).not.toBe(known['kafka']);
    expect({ ...ports, kafka: 0 }).toEqual({ ...known, kafka: 0 });
  });

  test('a fixed port is used, also when another process of ours had it', async () => {
    const known = await assign(await platformOf());
    const fixed = known['web-0'] ?? 0;
    const ports = await assign(await platformOf({ environment: `provider: local, ports: { entrance: ${fixed} }` }), known);
    expect(ports['entrance']).toBe(fixed);
    expect(ports['web-0']).not.toBe(fixed);
  });

  test('a fixed port that is taken is refused, with who has it', async () => {
    const platform = await platformOf({ environment: 'provider: local, ports: { kafka: 9092 }' });
    const asked = assignPorts({ platform, known: {}, seed: '', usable: async (port) => port !== 9092, holder: () => 'java Kafka (pid 7)' });
    await expect(asked).rejects.toMatchObject({ code: 'TODOCTL_PORT_TAKEN', message: 'Port 9092 (kafka) is taken by java Kafka (pid 7)' });
  });

  test('none free at all is an error, not an endless search', async () => {
    const platform = await platformOf();
    await expect(assignPorts({ platform, known: {}, seed: '', usable: async () => false, holder: noHolder })).rejects.toMatchObject({ code: 'TODOCTL_PORT_TAKEN' });
  });

  test('whatever is known or busy: every name has a port of its own, and none that is busy', async () => {
    const platform = await platformOf();
    const names = portNames(platform);
    const some = fc.integer({ min: 20_000, max: 20_030 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names, 'gone-0'), some), fc.array(some, { maxLength: 20 }), fc.string(), async (known, busy, seed) => {
        const ports = await assign(platform, known, busy, seed);
        expect(Object.keys(ports)).toEqual(names);
        expect(new Set(Object.values(ports)).size).toBe(names.length);
        expect(Object.values(ports).filter((port) => busy.includes(port))).toEqual([]);
      }),
    );
  });
});

describe('what is on this machine', () => {
  test('a port that somebody listens on is not free, and /proc knows who', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await isFree(port)).toBe(false);
    expect(holdersOf([port, 1]).get(port)).toMatchObject({ pid: process.pid });
    expect(describeHolder(port)).toContain(`(pid ${process.pid})`);
    server.close();
    await once(server, 'close');
    expect(await isFree(port)).toBe(true);
    expect(describeHolder(port)).toBeUndefined();
  });

  test('ports.json is read as it was written, and only by its owner', async () => {
    const file = path.join(temporaryFolder(), 'state/ports.json');
    expect(await readPorts(file)).toBeUndefined();
    const content = { ports: { entrance: 20_001 }, bootstrap: [{ host: '127.0.0.1', port: 20_002 }] };
    await writePorts(file, content);
    expect(await readPorts(file)).toEqual(content);
  });
});

test.each([
  ['provider: local', [{ host: '127.0.0.1', port: 5 }]],
  ['provider: local, kafka: { bootstrap: "a:9092,b.example:9093" }', [{ host: 'a', port: 9092 }, { host: 'b.example', port: 9093 }]],
])('Kafka of "%s" is at %j', async (environment, expected) => {
  expect(bootstrapOf(await platformOf({ environment }), { kafka: 5 })).toEqual(expected);
});
