import type { BuilderName } from '../../images/builder.ts';
import type { Step } from '../../engine/step.ts';
import { referenceOf } from '../../images/home.ts';
import { type Built, buildImage } from '../../images/make.ts';
import { imageTag } from '../../images/source-tags.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { imagesOf, runOne } from './images-of.ts';

export interface BuildOptions {
  /** Any that works when undefined. */
  builder?: BuilderName;
  base?: string;
  platform?: string;
  dryRun: boolean;
}

export interface BuildResult {
  environment: string;
  dryRun: boolean;
  reference: string;
  /** Tag of each service. */
  tags: Readonly<Record<string, string>>;
  /** Absent in a dry run. */
  image?: Omit<Built, 'reference'>;
}

/** Builds the image of all services on this machine; nothing leaves it. Errors: TODOCTL_BUILDER_MISSING, TODOCTL_BUNDLE_FAILED, TODOCTL_PROGRAM_FAILED. */
export async function buildImages(context: Context, { builder, base, platform, dryRun }: BuildOptions, reporter: Reporter): Promise<BuildResult> {
  const images = await imagesOf(context);
  const wanted = await images.wanted({ ...(base === undefined ? {} : { base }), ...(platform === undefined ? {} : { platform }) });
  const reference = referenceOf(images, imageTag(wanted.tags));
  let built: Built | undefined;
  const step: Step<Built> = {
    id: 'build',
    title: 'Image',
    needs: [],
    timeout: 30 * 60_000,
    makes: [reference],
    check: async () => (built ? { is: 'done', value: built } : { is: 'absent' }),
    async apply(run) {
      const { plan: _plan, with: _with, ...rest } = await buildImage(wanted, images, images.given(builder === undefined ? {} : { builders: [builder] }), run.progress);
      built = rest;
    },
  };
  const { value } = await runOne(context, step, reporter, dryRun);
  const { reference: _reference, ...image } = value ?? {};
  return { environment: context.environment, dryRun, reference, tags: wanted.tags, ...(value ? { image: image as Omit<Built, 'reference'> } : {}) };
}
