import type { Health } from '../health.ts';
import type { Metrics } from '../metrics.ts';
import { notFound } from './problem.ts';
import { text } from './reply.ts';
import type { Route } from './route.ts';

/**
 * What every process answers: `/livez` (the event loop turns), `/readyz` (200, or 503 with the reasons), `/metrics`.
 * `GET /dapr/subscribe` is 404 on purpose: with anything but 404 or an array daprd drops the declarative subscriptions too.
 */
export function builtInRoutes(health: Health, metrics: Metrics): Route[] {
  return [
    { method: 'GET', path: '/livez', access: 'public', handler: () => ({ status: 200, body: { alive: true } }) },
    {
      method: 'GET',
      path: '/readyz',
      access: 'public',
      async handler() {
        const readiness = await health.readiness();
        return { status: readiness.ready ? 200 : 503, body: readiness };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'public',
      handler: async () => text(await metrics.text(), 'text/plain; version=0.0.4; charset=utf-8'),
    },
    {
      method: 'GET',
      path: '/dapr/subscribe',
      access: 'public',
      handler() {
        throw notFound('Subscriptions are declared in files.');
      },
    },
  ];
}
