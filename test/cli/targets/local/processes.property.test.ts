// What runs is data made from data: the same input gives the same processes, and a change of one input changes those that read it, no others.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { pathsOf } from '../../../../cli/targets/local/paths.ts';
import { listenerOf, portNames, type Ports } from '../../../../cli/targets/local/ports.ts';
import { type Processes, processesOf, type ProcessesGiven } from '../../../../cli/targets/local/processes.ts';
import { platformOf } from './platforms.ts';

interface Drawn { replicas: number[]; ports: number; scripts: string[]; code: string[]; dapr: string }

const drawn: fc.Arbitrary<Drawn> = fc.record({
  replicas: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
  ports: fc.integer({ min: 20_000, max: 29_000 }),
  scripts: fc.array(fc.stringMatching(/^[0-9a-f]{8}$/), { minLength: 4, maxLength: 4 }),
  code: fc.array(fc.stringMatching(/^[0-9a-f]{16}$/), { minLength: 4, maxLength: 4 }),
  dapr: fc.stringMatching(/^[0-9a-f]{8}$/),
});

function givenOf(platform: Platform, { replicas, ports, scripts, code, dapr }: Drawn): ProcessesGiven {
  const services = platform.services.map((service, index) => ({ ...service, replicas: replicas[index] ?? 1 }));
  const whole: Platform = { ...platform, services };
  const numbered: Ports = Object.fromEntries(portNames(whole).map((name, index) => [name, ports + index]));
  return {
    platform: whole,
    paths: pathsOf('/project', 'local'),
    ports: numbered,
    node: '/node',
    scripts: { supervisor: '/p/supervisor.js', broker: '/p/broker.js', sidecar: '/p/sidecar.js', gateway: '/p/gateway.js' },
    scriptHashes: { supervisor: scripts[0] ?? '', broker: scripts[1] ?? '', sidecar: scripts[2] ?? '', gateway: scripts[3] ?? '' },
    code: Object.fromEntries(services.map(({ name }, index) => [name, { entry: `/b/${name}/main.js`, hash: code[index] ?? '', fresh: true }])),
    daprHash: dapr,
    postgres: { command: '/pg/postgres', args: ['-D', '/data'] },
  };
}

const hashes = ({ specs }: Processes): Record<string, string> => Object.fromEntries(specs.map(({ name, hash }) => [name, hash]));
function differing(before: Processes, after: Processes): string[] {
  const [a, b] = [hashes(before), hashes(after)];
  return Object.keys({ ...a, ...b }).filter((name) => a[name] !== b[name]).sort();
}

describe('for any platform', () => {
  test('the same input gives the same processes, byte for byte', async () => {
    const platform = await platformOf();
    fc.assert(fc.property(drawn, (draw) => {
      expect(JSON.stringify(processesOf(givenOf(platform, draw)))).toBe(JSON.stringify(processesOf(givenOf(platform, structuredClone(draw)))));
    }));
  });

  test('names are unique, what each comes after is among them, and every port is listened on by whom ports.json means', async () => {
    const platform = await platformOf();
    fc.assert(fc.property(drawn, (draw) => {
      const given = givenOf(platform, draw);
      const { specs } = processesOf(given);
      const names = specs.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { after } of specs) expect(names).toEqual(expect.arrayContaining(after));
      expect(new Set(Object.keys(given.ports).map((name) => listenerOf(name, given.platform)))).toEqual(new Set(names));
      for (const { name, port } of specs) expect(Object.entries(given.ports).some(([of, number]) => number === port && listenerOf(of, given.platform) === name)).toBe(true);
    }));
  });

  test('nothing of an environment\'s secrets is in a command line, an environment or a configuration file', async () => {
    const platform = await platformOf({ environment: 'provider: local, auth: { key: { env: KEY } }' });
    fc.assert(fc.property(drawn, (draw) => {
      const { specs, files } = processesOf(givenOf(platform, draw));
      for (const { args, env } of specs) {
        expect(args.join(' ')).not.toMatch(/password|token=|postgres:\/\//i);
        for (const [name, value] of Object.entries(env)) if (/TOKEN|DATABASE|KEY/.test(name)) expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/project\/\.todoctl\/local\/secrets\//)]);
      }
      for (const { content } of files) expect(content).not.toMatch(/postgres:\/\/|"password"/);
    }));
  });

  test('configuration files are JSON that says only loopback, one to a process that reads one', async () => {
    const platform = await platformOf();
    fc.assert(fc.property(drawn, (draw) => {
      const { specs, files } = processesOf(givenOf(platform, draw));
      const read = specs.flatMap(({ args }) => (args.includes('--config') ? [args.at(-1)] : []));
      expect(files.map((file) => file.path).sort()).toEqual(read.sort());
      for (const { content } of files) expect(JSON.stringify(JSON.parse(content))).not.toMatch(/0\.0\.0\.0|localhost/);
    }));
  });
});

describe('a change of one input', () => {
  const changes: readonly [string, (draw: Drawn) => Drawn, (names: readonly string[]) => string[]][] = [
    ['the broker\'s script', (draw) => ({ ...draw, scripts: draw.scripts.with(1, 'other') }), () => ['broker']],
    ['the sidecar\'s script', (draw) => ({ ...draw, scripts: draw.scripts.with(2, 'other') }), () => ['sidecar']],
    ['the gateway\'s script', (draw) => ({ ...draw, scripts: draw.scripts.with(3, 'other') }), () => ['gateway']],
    ['the supervisor\'s script', (draw) => ({ ...draw, scripts: draw.scripts.with(0, 'other') }), () => []],
    ['the Dapr files', (draw) => ({ ...draw, dapr: 'other' }), () => ['sidecar']],
    ['the code of task-api', (draw) => ({ ...draw, code: draw.code.with(0, 'other') }), (names) => names.filter((name) => name.startsWith('task-api-'))],
    ['the code of web', (draw) => ({ ...draw, code: draw.code.with(3, 'other') }), (names) => names.filter((name) => name.startsWith('web-'))],
  ];

  test.each(changes)('%s: those that read it, no others', async (_, change, expected) => {
    const platform = await platformOf();
    fc.assert(fc.property(drawn, (draw) => {
      const before = processesOf(givenOf(platform, draw));
      const after = processesOf(givenOf(platform, change(draw)));
      expect(differing(before, after)).toEqual(expected(before.specs.map(({ name }) => name)).sort());
    }), { numRuns: 25 });
  });

  test('another node: everything that runs on it, which PostgreSQL does not', async () => {
    const given = givenOf(await platformOf(), { replicas: [1, 1, 1, 1], ports: 20_000, scripts: ['a', 'b', 'c', 'd'], code: ['1', '2', '3', '4'], dapr: 'e' });
    const before = processesOf(given);
    expect(differing(before, processesOf({ ...given, node: '/newer/node' }))).toEqual(before.specs.map(({ name }) => name).filter((name) => name !== 'postgres').sort());
  });

  test('one port: who listens there and who must know it', async () => {
    const given = givenOf(await platformOf(), { replicas: [1, 1, 1, 1], ports: 20_000, scripts: ['a', 'b', 'c', 'd'], code: ['1', '2', '3', '4'], dapr: 'e' });
    const move = (name: string): string[] => differing(processesOf(given), processesOf({ ...given, ports: { ...given.ports, [name]: 31_000 } }));
    expect({ entrance: move('entrance'), kafka: move('kafka'), 'web-0': move('web-0'), 'audit-0': move('audit-0'), 'audit-0.dapr': move('audit-0.dapr') }).toEqual({
      entrance: ['gateway'],
      // Who uses Kafka reads its address from the Dapr files, whose hash says so.
      kafka: ['broker'],
      'web-0': ['gateway', 'web-0'],
      // No route leads to audit: the gateway does not know it.
      'audit-0': ['audit-0', 'sidecar'],
      'audit-0.dapr': ['audit-0', 'sidecar'],
    });
  });

  test('one replica more: that one is new, and whoever spreads work over them is told', async () => {
    const platform = await platformOf();
    const of = (count: number): ProcessesGiven => givenOf(platform, { replicas: [count, 1, 1, 1], ports: 20_000, scripts: ['a', 'b', 'c', 'd'], code: ['1', '2', '3', '4'], dapr: 'e' });
    const two = of(2);
    // The ports that were given out stay: a newcomer gets new ones.
    const one = { ...of(1), ports: two.ports };
    expect(differing(processesOf(one), processesOf(two))).toEqual(['gateway', 'sidecar', 'task-api-1']);
  });
});
