import { readFile } from 'node:fs/promises';
import { imagePlace } from '../../definition/image-place.ts';
import type { Platform, SecretReference } from '../../definition/platform.ts';
import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { dockerConfig, parseLogin } from '../../images/login.ts';
import type { ImagesGiven, WantedImages } from '../../images/make.ts';
import { type ImagesInPlace, imagesStep } from '../../images/step.ts';
import type { Registry, RegistryCredentials } from '../../providers/provider.ts';
import { givenRegistry } from '../../providers/given-registry.ts';
import type { Ground } from './ground.ts';

/**
 * The registry of an environment: what todoctl.yaml says of it, or the provider's own step. Undefined for a cluster that exists when
 * nothing is said.
 */
export function registryIfAny(platform: Platform, { env, io: { redactor } }: Pick<Ground['given'], 'env' | 'io'>, provided: Step<Registry> | undefined): Step<Registry> | undefined {
  const { server, repository, by } = imagePlace(platform);
  const { credentials } = platform.environment.registry ?? {};
  if (by === 'digitalocean') return provided;
  const login = async (reference: SecretReference): Promise<RegistryCredentials> => {
    const text = await secretText(reference, env);
    redactor.register(text);
    const found = parseLogin(text, server);
    redactor.register(found.password);
    redactor.register(`${found.username}:${found.password}`);
    return found;
  };
  return givenRegistry({ server, repository, pullOf: (found) => dockerConfig(server, found), ...(credentials ? { login: () => login(credentials) } : {}) });
}

/** The same, where there must be one. Errors: TODOCTL_REGISTRY_NONE. */
export function registryFor(platform: Platform, given: Pick<Ground['given'], 'env' | 'io'>, provided: Step<Registry> | undefined): Step<Registry> {
  const found = registryIfAny(platform, given, provided);
  if (found) return found;
  throw new TodoctlError('TODOCTL_REGISTRY_NONE', { message: `The environment ${platform.environment.name} has no registry for its images` });
}

/** What of an environment's images is wanted, and what they are made with. */
export async function wantedImages(ground: Ground, more: Pick<WantedImages, 'base' | 'platform'> = {}): Promise<WantedImages> {
  const { platform, tags } = await ground.wanted();
  const mirrors = platform.environment.sources?.images;
  return { root: platform.root, tags, folder: ground.folder, ...(mirrors ? { mirrors } : {}), ...more };
}

export function imagesGiven({ given: { env, io, stop } }: Pick<Ground, 'given'>, more: Pick<ImagesGiven, 'builders'> = {}): ImagesGiven {
  return { env, redactor: io.redactor, stop, ...more };
}

/** The step of a deploy that has the images of all services in the registry. */
export async function imagesFor(ground: Ground, registry: Step<Registry>): Promise<Step<ImagesInPlace>> {
  return imagesStep(registry, await wantedImages(ground), imagesGiven(ground));
}

async function secretText(reference: SecretReference, env: NodeJS.ProcessEnv): Promise<string> {
  const value = 'env' in reference ? env[reference.env] : await readFile(reference.file, 'utf8').catch(() => undefined);
  if (value?.trim()) return value.trim();
  throw new TodoctlError('TODOCTL_SECRET_MISSING', { message: 'env' in reference ? `The environment variable ${reference.env} is not set` : `${reference.file} cannot be read or is empty` });
}
