import type { Step } from '../engine/step.ts';
import type { ImageHome } from './home.ts';
import { type ImagesGiven, lookAtImages, publishImages, type WantedImages } from './make.ts';

const TIMEOUT_MS = 30 * 60_000;

/** What services run from, once it is in the registry. */
export interface ImagesInPlace {
  home: ImageHome;
  /** Digest by tag. */
  digests: Readonly<Record<string, string>>;
}

/**
 * The images of all services in the registry. Where each tag is there already nothing is built and no builder needed; else one image
 * is built, sent once, and tagged for each service that lacks its tag.
 */
export function imagesStep(registry: Step<ImageHome>, wanted: WantedImages, given: ImagesGiven): Step<ImagesInPlace> {
  return {
    id: 'images',
    title: 'Images',
    needs: [registry],
    timeout: TIMEOUT_MS,
    makes: Object.entries(wanted.tags).map(([service, tag]) => `${service}:${tag}`),
    async check(run) {
      const home = run.of(registry);
      const { digests, missing } = await lookAtImages(wanted.tags, home, given);
      return missing.length === 0 ? { is: 'done', value: { home, digests } } : { is: 'absent' };
    },
    async apply(run) {
      await publishImages(wanted, run.of(registry), given, run.progress);
    },
  };
}
