import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Redactor } from '../io/redactor.ts';
import { baseOf, resolveBase } from './base.ts';
import { type BuilderName, type ImagePlan, isAsPlanned, REVISION } from './builder.ts';
import { type ImageHome, referenceOf } from './home.ts';
import { layOut } from './layout.ts';
import { OciRepository } from './oci.ts';
import { type Builder, openBuilder } from './open-builder.ts';
import { revisionOf } from './revision.ts';
import { imageTag, sourcesHash } from './source-tags.ts';

/** What the one image of an environment is made of, and what it is called. */
export interface WantedImages {
  root: string;
  /** Tag of each service. */
  tags: Readonly<Record<string, string>>;
  /** Private folder of the environment, for bundles and the layout. */
  folder: string;
  /** Instead of what services/Dockerfile names. */
  base?: string;
  /** By a base image that would be taken the one that is (`sources.images`). */
  mirrors?: Readonly<Record<string, string>>;
  /** `linux/amd64` when left out. */
  platform?: string;
}

export interface ImagesGiven {
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  stop: AbortSignal;
  /** Of these the first that works; all that are known when left out. */
  builders?: readonly BuilderName[];
}

export interface Built {
  reference: string;
  builder: BuilderName;
  /** False where this machine had it already. */
  built: boolean;
  base: string;
  /** Undefined where nobody could say it. */
  baseDigest?: string;
  revision?: string;
  /** SHA-256 of what is in the image. */
  contents: string;
}

const PLATFORM = 'linux/amd64';

/**
 * Has the image on this machine under the tag of all its sources: one of the same contents, base and platform is not built again. Errors: TODOCTL_BUILDER_MISSING, TODOCTL_BUNDLE_FAILED, TODOCTL_PROGRAM_FAILED
 * with the builder's last words.
 */
export async function buildImage(wanted: WantedImages, home: Pick<ImageHome, 'server' | 'repository'>, given: ImagesGiven, progress: (line: string) => void): Promise<Built & { plan: ImagePlan; with: Builder }> {
  // First of all: without it nothing of the rest is of use.
  const builder = await openBuilder({ env: given.env, redactor: given.redactor, signal: given.stop, folder: `${wanted.folder}/docker`, progress }, given.builders);
  const named = wanted.base ?? (await baseOf(wanted.root));
  const [layout, base, revision] = await Promise.all([
    layOut({ root: wanted.root, services: Object.keys(wanted.tags), folder: wanted.folder, progress }),
    resolveBase(wanted.mirrors?.[named] ?? named, { redactor: given.redactor, stop: given.stop, progress }),
    revisionOf(wanted.root, { env: given.env, redactor: given.redactor, signal: given.stop }),
  ]);
  const plan: ImagePlan = {
    folder: layout.folder,
    dockerfile: 'services/Dockerfile',
    base: base.reference,
    platform: wanted.platform ?? PLATFORM,
    labels: {
      'org.opencontainers.image.base.name': base.name,
      ...(base.digest === undefined ? {} : { 'org.opencontainers.image.base.digest': base.digest }),
      ...(revision === undefined ? {} : { [REVISION]: revision }),
      'io.todoctl.sources': sourcesHash(wanted.tags),
      'io.todoctl.contents': layout.hash,
    },
    reference: referenceOf(home, imageTag(wanted.tags)),
  };
  const there = await builder.find(plan.reference);
  const built = !there || !isAsPlanned(there, plan);
  progress(built ? `building ${plan.reference} with ${builder.name}` : `${plan.reference} is on this machine already`);
  if (built) await builder.build(plan);
  return {
    reference: plan.reference, builder: builder.name, built, base: base.name, contents: layout.hash, plan, with: builder,
    ...(base.digest === undefined ? {} : { baseDigest: base.digest }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** What is in the registry of what is wanted. */
export interface Pushed {
  /** Digest by tag; a tag that is not there is absent. */
  digests: Readonly<Record<string, string>>;
  /** Tags that are wanted and not there, each once. */
  missing: readonly string[];
}

/** Asks the registry for the tag of each service: no builder is needed for that. */
export async function lookAtImages(tags: WantedImages['tags'], home: ImageHome, given: Pick<ImagesGiven, 'redactor' | 'stop'>): Promise<Pushed> {
  const repository = new OciRepository(home, given);
  const all = [...new Set(Object.values(tags))];
  const found = await Promise.all(all.map(async (tag) => [tag, await repository.digestOf(tag)] as const));
  return {
    digests: Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    missing: found.filter(([, digest]) => digest === undefined).map(([tag]) => tag),
  };
}

/** What was done to have all tags in a registry. */
export interface Published {
  /** Whether an image was made; this machine may have had it. */
  built: boolean;
  /** Whether it was sent; the registry may have had it. */
  sent: boolean;
  tagged: readonly string[];
}

/**
 * Sees to it that all tags are in the registry. The image is sent once and gets its other tags there; one that an earlier run had
 * sent already needs neither builder nor sending. The tag of the commit moves to it.
 */
export async function publishImages(wanted: WantedImages, home: ImageHome, given: ImagesGiven, progress: (line: string) => void): Promise<Published> {
  const repository = new OciRepository(home, given);
  const whole = imageTag(wanted.tags);
  const [{ missing }, there] = await Promise.all([lookAtImages(wanted.tags, home, given), repository.manifest(whole)]);
  let manifest = there;
  let built = false;
  // Services that came with different images, each of them still what it was.
  if (!manifest && missing.length === 0) return { built: false, sent: false, tagged: [] };
  if (!manifest) {
    // Who may not push learns it before minutes are spent.
    await repository.reach('write');
    const image = await buildImage(wanted, home, given, progress);
    ({ built } = image);
    progress(`pushing ${image.reference}`);
    await image.with.push(image.plan, home.server, await home.signIn?.('write'));
    manifest = await repository.manifest(whole);
    if (!manifest) throw new TodoctlError('TODOCTL_IMAGE_MISSING', { message: `${image.reference} was pushed, and the registry does not have it` });
  }
  const revision = await revisionOf(wanted.root, { env: given.env, redactor: given.redactor, signal: given.stop });
  const moves = revision !== undefined && (await repository.digestOf(revision)) !== manifest.digest;
  const tags = [...missing, ...(moves ? [revision] : [])];
  for (const tag of tags) {
    await repository.tag(manifest, tag);
    progress(`tagged ${tag}`);
  }
  return { built, sent: there === undefined, tagged: tags };
}
