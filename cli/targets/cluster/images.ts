import { TodoctlError } from '../../errors/todoctl-error.ts';
import { imagePlace } from '../../definition/image-place.ts';
import type { TargetImages } from '../target.ts';
import type { Ground } from './ground.ts';
import { readRecords, readRelease } from './helm-records.ts';
import { marksOf } from './marks.ts';
import { imagesGiven, registryFor, wantedImages } from './registry.ts';

/** What an environment's images are made of and where they go. */
export async function clusterImages(ground: Ground): Promise<TargetImages> {
  const { platform } = await ground.wanted();
  const { server, repository } = imagePlace(platform);
  return {
    server,
    repository,
    wanted: (more) => wantedImages(ground, more),
    given: (more) => imagesGiven(ground, more),
    registry: async () => {
      // A registry that is given needs no provider, and no token of one.
      const provided = imagePlace(platform).by === 'given' ? undefined : (await (await ground.provider()).steps()).registry;
      return registryFor(platform, ground.given, provided);
    },
    used: () => usedTags(ground),
  };
}

/** Tags of all revisions that Helm still knows, and so could be gone back to; none where there is no cluster yet. */
async function usedTags(ground: Ground): Promise<string[]> {
  const provider = await ground.provider();
  const cluster = await provider.cluster();
  if (!cluster) return [];
  const kubernetes = ground.open(cluster);
  const { namespace, release } = marksOf(ground);
  const records = await readRecords(kubernetes, namespace, release);
  const kept = await Promise.all(records.map((record) => readRelease(kubernetes, namespace, record)));
  // Of a revision that cannot be read nobody knows which images it needs.
  if (kept.includes(undefined)) throw new TodoctlError('TODOCTL_CLUSTER_STRANGE', { message: `A revision of ${release} cannot be read, so which images are in use is not known` });
  return [...new Set(kept.flatMap((one) => Object.values(tagsIn(one?.config))))];
}

/** Tag of each service's image, in the values that our chart was given. */
export function tagsIn(config?: object | null): Record<string, string> {
  const { services = {} } = (config ?? {}) as { services?: Record<string, { tag?: string }> };
  return Object.fromEntries(Object.entries(services).flatMap(([name, { tag }]) => (tag === undefined ? [] : [[name, tag] as const])));
}
