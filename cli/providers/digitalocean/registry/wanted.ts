import { imagePlace } from '../../../definition/image-place.ts';
import type { Platform } from '../../../definition/platform.ts';
import type { SignInGiven } from '../cluster/sign-in.ts';
import type { RegistryGiven } from './registry.ts';

/** The registry that DigitalOcean is to have for a platform; undefined where its images are kept by somebody else. */
export function wantedRegistry(platform: Platform, { api, redactor }: Pick<SignInGiven, 'api' | 'redactor'>): RegistryGiven | undefined {
  const { server, repository, by } = imagePlace(platform);
  if (by === 'given') return undefined;
  const { registry, region } = platform.environment;
  return {
    api, redactor, server, repository,
    platform: platform.name,
    tier: registry?.tier ?? 'basic',
    named: registry !== undefined,
    ...(region === undefined ? {} : { region }),
  };
}
