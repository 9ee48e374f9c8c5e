import { ok } from '../kit/http/reply.ts';
import type { Duties, Parts } from '../kit/service.ts';
import { SECURITY_HEADERS, staticRoutes } from './static-files.ts';

/** The page from `folder`, and `/settings.json`: how its user says who she is. */
export async function web({ config }: Pick<Parts, 'config'>, folder: string): Promise<Duties> {
  const settings = { auth: config.auth?.mode ?? 'local' };
  const files = await staticRoutes(folder);
  return {
    routes: [...files, { method: 'GET', path: '/settings.json', access: 'public', handler: () => ok(settings, { ...SECURITY_HEADERS, 'cache-control': 'no-cache' }) }],
  };
}
