import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import type { ChartValues } from './chart-values.ts';
import { defineSystem } from './system.ts';

const settings = z
  .strictObject({
    kind: z.enum(['gateway', 'ingress']).default('gateway').describe('Objects of the Gateway API, or an Ingress where a cluster has only that.'),
    class: z.string().min(1).default('cilium').describe('GatewayClass or IngressClass; cilium is what DigitalOcean manages.'),
    annotations: z.record(z.string(), z.string()).default({}).describe('Annotations of the load balancer, or of the Ingress.'),
    timeout: z.string().regex(/^\d+s$/).default('60s').describe('Longest time of a request, like 60s; sockets have no end.'),
  })
  .prefault({});

/**
 * Paths that services answer to the platform alone. A service with the route / would open them; the local gateway refuses
 * the same, and a test holds both together.
 */
const CLOSED = ['/metrics', '/livez', '/readyz', '/dapr', '/events', '/internal'];

/** The public entrance. Its objects are the chart's; the gateway itself is the cluster's. */
export const gateway = defineSystem({ id: 'gateway', needs: [], settings, parts: (platform) => (gatewayValues(platform) ? {} : undefined) });

/** What an environment says of its entrance, with defaults. */
export function gatewaySettings({ environment }: Platform): z.output<typeof settings> {
  return settings.parse(environment.systems['gateway'] ?? {});
}

/** What the chart gets to know of the entrance; undefined where no service is public. */
export function gatewayValues(platform: Platform): ChartValues['gateway'] {
  const { kind, class: name, annotations, timeout } = gatewaySettings(platform);
  const { host } = platform.environment;
  const routed = platform.services.flatMap(({ name: service, route, subscriptions }) =>
    route === undefined ? [] : [{ path: route, service, timeout: subscriptions.some(({ group }) => group.includes('{podName}')) ? '0s' : timeout }],
  );
  if (routed.length === 0) return undefined;
  return {
    kind,
    class: name,
    ...(host === undefined ? {} : { host }),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    routes: [...routed].sort((a, b) => b.path.length - a.path.length),
    closed: routed.some(({ path }) => path === '/') ? CLOSED.filter((path) => !routed.some((route) => route.path === path)) : [],
  };
}
