import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { size } from '../definition/schema.ts';
import { wholeGibibytes } from '../definition/size.ts';
import { namespaceOf, podsOf, SECRETS } from './names.ts';
import { defineSystem } from './system.ts';
import { storageClass } from './volumes.ts';

const RELEASE = 'valkey';
const PORT = 6379;
const CPU = 100;

const settings = z
  .strictObject({
    memory: z.int().min(64).default(256).describe('MiB that it may hold.'),
    storage: size.default('1GiB').describe('Disk for what it must not lose.'),
  })
  .exactOptional();

/** `host:port` of the environment's Redis; undefined where it has none. */
export function redisHost(platform: Platform): string | undefined {
  const { provider, systems } = platform.environment;
  return provider === 'local' || systems['redis'] === undefined ? undefined : `${RELEASE}.${namespaceOf(platform)}.svc:${PORT}`;
}

/** Valkey, the free Redis, for the state store; only where the environment asks for it (`redis: {}`). Its password is the Secret redis. */
export const redis = defineSystem({
  id: 'redis',
  needs: [],
  settings,
  parts(platform, given) {
    if (given === undefined) return undefined;
    const { memory, storage } = given;
    const gibibytes = wholeGibibytes(storage);
    const namespace = namespaceOf(platform);
    const pods = { namespace, labels: { 'app.kubernetes.io/name': 'valkey', 'app.kubernetes.io/instance': RELEASE } };
    // Beside its data it needs room for connections and for the copy that it writes to disk.
    const room = memory * 2;
    return {
      charts: [
        {
          release: RELEASE,
          namespace,
          chart: 'valkey',
          repository: 'https://valkey.io/valkey-helm/',
          version: '0.11.0',
          values: { template: 'helm/valkey.values.yaml.hbs', view: { name: RELEASE, secret: SECRETS.redis, config: `appendonly yes\nmaxmemory ${memory}mb\nmaxmemory-policy noeviction\n`, cpu: `${CPU}m`, memory: `${room}Mi`, storage: `${gibibytes}Gi`, storageClass: storageClass(platform) ?? null } },
          provides: [],
          pods: [{ name: RELEASE, replicas: 1, cpu: CPU, memory: room, volumes: [gibibytes] }],
        },
      ],
      serves: [{ id: 'redis', pods, ports: [{ port: PORT }] }],
      calls: platform.services.filter(({ state }) => state).map((service) => ({ from: podsOf(platform, service), to: ['redis'] })),
    };
  },
});
