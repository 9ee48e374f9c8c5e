import type { Platform } from './platform.ts';

/** DigitalOcean's registry: all registries there are below one name. */
export const DIGITALOCEAN_REGISTRY = 'registry.digitalocean.com';

/** Where the images of a platform are: one repository for all services fits the smallest plan of DigitalOcean's registry. */
export interface ImagePlace {
  server: string;
  repository: string;
  /** Who keeps it: `given`, by what todoctl.yaml says of it; `digitalocean`, made and signed in to by DigitalOcean's API. */
  by: 'given' | 'digitalocean';
}

export function imagePlace({ name, environment: { registry } }: Pick<Platform, 'name'> & { environment: Pick<Platform['environment'], 'registry'> }): ImagePlace {
  const { server = DIGITALOCEAN_REGISTRY, repository = `${name}/${name}`, credentials } = registry ?? {};
  return { server, repository, by: server === DIGITALOCEAN_REGISTRY && credentials === undefined ? 'digitalocean' : 'given' };
}
