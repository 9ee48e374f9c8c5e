import type { Health } from '../kit/health.ts';
import type { Route } from '../kit/http/route.ts';

/** GET /api/health, for anyone: which version answers, and whether it can do its work (200) or not (503). Reasons are for /readyz alone. */
export function healthRoute(health: Health, version: string): Route {
  return {
    method: 'GET',
    path: '/api/health',
    access: 'public',
    async handler() {
      const { ready } = await health.readiness();
      return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'not ready', version }, headers: { 'cache-control': 'no-store' } };
    },
  };
}
