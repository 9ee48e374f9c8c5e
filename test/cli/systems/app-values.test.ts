// What the chart is told of an environment: for any platform valid, complete, and without a secret.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../cli/definition/platform.ts';
import { appValues, PULL_SECRET } from '../../../cli/systems/app-values.ts';
import { chartValues, type ChartValues } from '../../../cli/systems/chart-values.ts';
import { clusterPlatforms } from '../../support/cluster-platforms.ts';
import { minimal } from '../../support/definition.ts';
import { platformIn, tagsOf } from '../../support/rendered.ts';

const valuesOf = (platform: Platform): ChartValues => appValues(platform, tagsOf(platform));
const cluster = (more: string): string => minimal(`  prod: { provider: existing, context: mine, auth: { jwks: https://id.example.com/keys }${more} }\n`);
const inCluster = async (more = ''): Promise<ChartValues> => valuesOf(await platformIn('prod', cluster(more)));

/** Checks the values of each random platform. */
function forEvery(check: (values: ChartValues, platform: Platform) => void): void {
  fc.assert(
    fc.property(clusterPlatforms, (platform) => {
      check(valuesOf(platform), platform);
    }),
  );
}

describe('for any platform', () => {
  test('the values are what the chart asks for', () => {
    forEvery((values) => expect(chartValues.parse(values)).toEqual(values));
  });

  test('they are data: nothing undefined, nothing that JSON cannot hold', () => {
    forEvery((values) => expect(JSON.parse(JSON.stringify(values))).toEqual(values));
  });

  test('every service is there once, in order, with its tag and what it asks for', () => {
    forEvery((values, platform) => {
      expect(Object.keys(values.services)).toEqual(platform.services.map(({ name }) => name));
      for (const { name, replicas, database, sidecar } of platform.services) {
        const service = values.services[name];
        expect(service).toMatchObject({ tag: `tag-of-${name}`, replicas, database });
        expect(service?.sidecar !== undefined, name).toBe(sidecar);
      }
    });
  });

  test('requests are never above limits', () => {
    const thousandths = (cpu: string): number => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000);
    const mebibytes = (memory: string): number => (memory.endsWith('Gi') ? Number(memory.slice(0, -2)) * 1024 : Number(memory.slice(0, -2)));
    forEvery(({ services, sidecar }, platform) => {
      for (const { requests, limits } of [sidecar.resources, ...Object.values(services).map(({ resources }) => resources)]) {
        expect(thousandths(requests.cpu)).toBeLessThanOrEqual(thousandths(limits.cpu));
        expect(mebibytes(requests.memory)).toBeLessThanOrEqual(mebibytes(limits.memory));
      }
      for (const { name, resources } of platform.services) {
        expect(thousandths(services[name]?.resources.requests.cpu ?? '')).toBe(resources.cpu);
        expect(mebibytes(services[name]?.resources.limits.memory ?? '')).toBe(resources.memoryLimit);
      }
    });
  });

  test('a service scales exactly as it says; in a protected environment every one does', () => {
    forEvery(({ services }, { services: declared, environment }) => {
      for (const { name, scale } of declared) {
        const found = services[name]?.scale;
        expect(found !== undefined, name).toBe(scale !== undefined);
        if (environment.protected) expect(found, name).toBeDefined();
        if (!found || !scale) continue;
        expect(found).toMatchObject({ min: scale.min, max: scale.max });
        // Something moves it, or an autoscaler would stand idle.
        expect(found.cpu ?? found.memory ?? found.lag, name).toBeDefined();
        if (scale.cpu !== undefined) expect(found.cpu).toBe(scale.cpu);
        if (scale.memory !== undefined) expect(found.memory).toBe(scale.memory);
      }
    });
  });

  test('lag counts where it is asked for and there is a topic that replicas share; then the chart knows Kafka', () => {
    forEvery(({ services, kafka }, { services: declared }) => {
      for (const { name, scale, subscriptions } of declared) {
        const shared = subscriptions.filter(({ group }) => group === name).map(({ topic }) => topic);
        const wanted = scale?.lag === undefined || shared.length === 0 ? undefined : { group: name, topics: shared, events: String(scale.lag) };
        expect(services[name]?.scale?.lag, name).toEqual(wanted);
      }
      expect(kafka !== undefined).toBe(Object.values(services).some(({ scale }) => scale?.lag));
    });
  });

  test('where Kafka’s address is in a Secret only, KEDA finds it in the service', () => {
    forEvery(({ services, kafka }) => {
      for (const { scale, secretEnv } of Object.values(services)) {
        const hidden = scale?.lag !== undefined && kafka?.bootstrapServers === undefined;
        expect(secretEnv).toEqual(hidden ? { KAFKA_BROKERS: { name: 'kafka', key: 'brokers' } } : undefined);
      }
    });
  });

  test('the grace of a pod is longer than all that happens in it', () => {
    forEvery(({ shutdown, settings }) => {
      const service = Number(settings['SHUTDOWN_SECONDS']);
      expect(shutdown.graceSeconds).toBeGreaterThan(shutdown.drainSeconds + 2 * service + shutdown.sidecarSeconds);
    });
  });

  test('a route leads to its service, the longest first', () => {
    forEvery(({ gateway }, { services }) => {
      const routed = services.filter(({ route }) => route !== undefined);
      expect(Object.fromEntries(gateway?.routes.map(({ path, service }) => [path, service]) ?? [])).toEqual(Object.fromEntries(routed.map(({ route, name }) => [route, name])));
      const lengths = gateway?.routes.map(({ path }) => path.length) ?? [];
      expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    });
  });

  test('HTTPS comes with a host, and a certificate with it', () => {
    forEvery(({ gateway }, { name, environment }) => {
      if (!gateway) return;
      expect(gateway.host).toBe(environment.host);
      expect(gateway.issuer).toBe(environment.host === undefined ? undefined : `${name}-letsencrypt`);
    });
  });
});

describe('nothing is secret', () => {
  test('no word of a reference to a secret gets into the values', async () => {
    const text = minimal(
      '  prod: { provider: existing, context: mine, auth: { key: { env: CANARY } }, postgres: { url: { file: /canary } }, registry: { server: ghcr.io, repository: example/todo, credentials: { env: CANARY } } }\n',
    );
    const values = valuesOf(await platformIn('prod', text));
    expect(JSON.stringify(values)).not.toMatch(/canary/i);
    expect(values.services['task-api']?.authKey, 'it is told that there is one').toBe(true);
  });

  test('settings, which everybody may read, have no word of what Secrets hold', () => {
    forEvery(({ settings }) => {
      expect(Object.keys(settings).filter((name) => /URL|TOKEN|KEY|PASSWORD|SECRET/.test(name) && name !== 'AUTH_JWKS_URL')).toEqual([]);
    });
  });

  test('a sidecar is told where its own password is, never another’s', () => {
    forEvery(({ services }) => {
      for (const [name, { sidecar }] of Object.entries(services)) {
        if (sidecar?.envFromSecret) expect([`KAFKA_PASSWORD=kafka-${name}:password`, 'KAFKA_PASSWORD=kafka:password']).toContain(sidecar.envFromSecret);
      }
    });
  });
});

describe('images', () => {
  test('are in DigitalOcean’s registry of the platform, which asks who pulls', async () => {
    expect((await inCluster()).image).toEqual({ repository: 'registry.digitalocean.com/todo/todo', pullPolicy: 'IfNotPresent', pullSecrets: [PULL_SECRET] });
  });

  test('are where the environment says; a Secret is named only where there are credentials', async () => {
    const open = await inCluster(', registry: { server: ghcr.io, repository: example/todo }');
    expect(open.image).toMatchObject({ repository: 'ghcr.io/example/todo', pullSecrets: [] });
    const closed = await inCluster(', registry: { server: ghcr.io, repository: example/todo, credentials: { env: TOKEN } }');
    expect(closed.image).toMatchObject({ repository: 'ghcr.io/example/todo', pullSecrets: [PULL_SECRET] });
  });

  test('a service without one is a mistake of the caller', async () => {
    const platform = await platformIn('prod', cluster(''));
    expect(() => appValues(platform, {})).toThrow('task-api has no image tag');
  });
});

describe('settings of an environment', () => {
  test('reach the services', async () => {
    const values = await inCluster(', app: { logLevel: debug, shutdown: 30, drain: 8, sidecar: { cpu: 1000, memory: 1024, cpuLimit: 2000, memoryLimit: 2048 } }');
    expect(values.settings).toMatchObject({ LOG_LEVEL: 'debug', SHUTDOWN_SECONDS: '30' });
    expect(values.shutdown).toEqual({ drainSeconds: 8, sidecarSeconds: 5, graceSeconds: 78 });
    expect(values.sidecar).toEqual({ logLevel: 'debug', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } } });
  });

  test('services are told that a pooler is between them and the database, where there is one', async () => {
    expect((await inCluster(', postgres: { provider: external, pooled: 20, pool: 5 }')).settings).toMatchObject({ DATABASE_POOLED: 'true', DATABASE_CONNECTIONS: '5' });
    expect((await inCluster(', postgres: { provider: external }')).settings).not.toHaveProperty('DATABASE_POOLED');
  });

  test.each(['', ', postgres: { provider: external }'])('how a database is spoken to is in its address, wherever it is%s', async (more) => {
    const { settings } = valuesOf(await platformIn('prod', `platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: existing, context: c${more} } }\n`));
    expect(Object.keys(settings).filter((name) => name.startsWith('PG'))).toEqual([]);
  });

  test('who signs tokens is in the settings; a key is in a Secret', async () => {
    expect((await inCluster()).settings).toMatchObject({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: 'https://id.example.com/keys' });
    const named = valuesOf(await platformIn('prod', minimal('  prod: { provider: existing, context: mine, auth: { key: { env: KEY }, issuer: id, audience: todo } }\n')));
    expect(named.settings).toMatchObject({ AUTH_MODE: 'jwt', AUTH_ISSUER: 'id', AUTH_AUDIENCE: 'todo' });
    expect(named.settings).not.toHaveProperty('AUTH_JWKS_URL');
  });

  test('without monitoring nothing is made that only Prometheus’ operator knows', async () => {
    expect((await inCluster()).monitoring).toEqual({ interval: '30s', timeout: '10s' });
    expect((await inCluster(', monitoring: { enabled: false }')).monitoring).toBeUndefined();
  });
});

describe('the project’s own platform', () => {
  test('in production: who scales how, and what is asked', async () => {
    const { services, smoke } = valuesOf(await platformIn('prod'));
    expect(Object.fromEntries(Object.entries(services).map(([name, { scale }]) => [name, scale]))).toEqual({
      'task-api': { min: 3, max: 20, cpu: 70, memory: 80 },
      recurrence: { min: 2, max: 6, lag: { group: 'recurrence', topics: ['task-events'], events: '500' } },
      audit: { min: 2, max: 4, cpu: 70, memory: 80 },
      realtime: { min: 2, max: 4, cpu: 70, memory: 80 },
      web: { min: 2, max: 4, cpu: 70, memory: 80 },
    });
    expect(smoke).toEqual([
      { service: 'task-api', path: '/api/health' },
      { service: 'web', path: '/' },
    ]);
  });

  test('in staging: only what says so scales, and its pods leave room on three small nodes', async () => {
    const platform = await platformIn('staging');
    const { services } = valuesOf(platform);
    expect(Object.entries(services).filter(([, { scale }]) => scale).map(([name]) => name)).toEqual(['task-api', 'recurrence']);
    const asked = platform.services.map(({ replicas, resources, sidecar }) => ({ cpu: replicas * (resources.cpu + (sidecar ? 50 : 0)), memory: replicas * (resources.memory + (sidecar ? 96 : 0)) }));
    // Three nodes of s-2vcpu-4gb have about 5700 thousandths and 9000 MiB for pods.
    expect(asked.reduce((sum, { cpu }) => sum + cpu, 0)).toBeLessThanOrEqual(1300);
    expect(asked.reduce((sum, { memory }) => sum + memory, 0)).toBeLessThanOrEqual(2400);
  });
});
