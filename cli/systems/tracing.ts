import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { type Chart, defineSystem, type Port, type Serves } from './system.ts';

const NAMESPACE = 'tracing';
const RELEASE = 'jaeger';
const OTLP_PORT = 4317;
const OTLP_HTTP_PORT = 4318;
const ZIPKIN_PORT = 9411;
const MEMORY_MIB = 512;

const settings = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether sidecars send traces anywhere.'),
  endpoint: z
    .string()
    .regex(/^(?:https?:\/\/)?[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[\w./-]*)?$/)
    .exactOptional()
    .describe('Where traces go instead of a Jaeger in the cluster: host:port for otlp, a URL for zipkin.'),
  protocol: z.enum(['otlp', 'zipkin']).default('otlp').describe('How sidecars send traces.'),
  sampling: z.number().min(0).max(1).default(1).describe('Part of the traces that is kept, 0 to 1.'),
  traces: z.int().min(1000).max(1_000_000).default(20_000).describe('How many of the newest traces Jaeger keeps, in memory.'),
});

/** Where sidecars send their spans. */
export interface Tracing {
  /** `host:port` for otlp (gRPC), a URL for zipkin. */
  endpoint: string;
  protocol: 'otlp' | 'zipkin';
  /** 0 to 1. */
  sampling: number;
}

/** Undefined where nobody takes traces: on a laptop, and where tracing is switched off. */
export function tracingOf({ environment }: Platform): Tracing | undefined {
  const given = environment.systems['tracing'] as z.output<typeof settings> | undefined;
  if (!given?.enabled || environment.provider === 'local') return undefined;
  const { protocol, sampling } = given;
  const here = `${RELEASE}.${NAMESPACE}.svc`;
  const own = protocol === 'otlp' ? `${here}:${OTLP_PORT}` : `http://${here}:${ZIPKIN_PORT}/api/v2/spans`;
  return { endpoint: given.endpoint ?? own, protocol, sampling };
}

/** Jaeger, which keeps the newest traces in memory, unless traces go to somewhere else. */
export const tracing = defineSystem({
  id: 'tracing',
  needs: [],
  settings: settings.prefault({}),
  parts(platform, { traces, endpoint }) {
    const used = tracingOf(platform);
    if (!used) return undefined;
    if (endpoint !== undefined) return { serves: [elsewhere(used)] };
    return {
      namespace: { name: NAMESPACE, podSecurity: 'restricted' },
      charts: [jaeger(traces)],
      serves: [
        {
          id: 'tracing',
          pods: { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': 'jaeger' } },
          ports: [OTLP_PORT, OTLP_HTTP_PORT, ZIPKIN_PORT].map((port) => ({ port })),
        },
      ],
    };
  },
});

function jaeger(traces: number): Chart {
  return {
    release: RELEASE,
    namespace: NAMESPACE,
    chart: 'jaeger',
    repository: 'https://jaegertracing.github.io/helm-charts',
    version: '4.11.1',
    values: { template: 'helm/jaeger.values.yaml.hbs', view: { traces, memory: `${MEMORY_MIB}Mi`, otlp: OTLP_PORT, otlpHttp: OTLP_HTTP_PORT, zipkin: ZIPKIN_PORT } },
    provides: [],
    pods: [{ name: RELEASE, replicas: 1, cpu: 100, memory: MEMORY_MIB }],
  };
}

function elsewhere({ endpoint, protocol }: Tracing): Serves {
  const port: Port = { port: portOf(endpoint) ?? (protocol === 'otlp' ? OTLP_PORT : ZIPKIN_PORT) };
  return { id: 'tracing', pods: 'outside', ports: [port] };
}

/** The port that an address names, by itself or by its scheme. */
function portOf(endpoint: string): number | undefined {
  const named = /^(?:(https?):\/\/)?[^:/]+(?::(\d+))?/.exec(endpoint);
  if (named?.[2] !== undefined) return Number(named[2]);
  return named?.[1] === undefined ? undefined : named[1] === 'https' ? 443 : 80;
}
