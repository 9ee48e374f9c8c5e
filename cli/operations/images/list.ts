import { lookAtImages } from '../../images/make.ts';
import { OciRepository } from '../../images/oci.ts';
import type { Context } from '../context.ts';
import { imagesOf, lookAt } from './images-of.ts';

export interface ListResult {
  environment: string;
  server: string;
  repository: string;
  /** What these sources need, and whether it is there. */
  services: readonly { service: string; tag: string; digest?: string }[];
  /** Everything in the repository. */
  tags: readonly string[];
}

/** Which images the sources need, and what is in the registry. */
export async function listImages(context: Context): Promise<ListResult> {
  const images = await imagesOf(context);
  const home = await lookAt(context, await images.registry());
  const [{ tags }, given] = [await images.wanted(), images.given()];
  const [{ digests }, all] = await Promise.all([lookAtImages(tags, home, given), new OciRepository(home, given).tags()]);
  return {
    environment: context.environment, server: home.server, repository: home.repository, tags: all,
    services: Object.entries(tags).map(([service, tag]) => ({ service, tag, ...(digests[tag] === undefined ? {} : { digest: digests[tag] }) })),
  };
}
