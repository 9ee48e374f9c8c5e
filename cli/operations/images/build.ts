import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { BuilderName } from '../../images/builder.ts';
import { referenceOf } from '../../images/home.ts';
import { type Built, buildImage } from '../../images/make.ts';
import { OciRepository } from '../../images/oci.ts';
import { imageTag } from '../../images/source-tags.ts';
import type { TargetImages } from '../../targets/target.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { imagesOf, lookAt, runOne } from './images-of.ts';

const PATIENCE_MS = 8000;

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
  /** Where it was already; absent where it was, or would be, built. */
  there?: 'registry' | 'machine';
  /** Absent in a dry run, and where the registry has it. */
  image?: Omit<Built, 'reference' | 'built'>;
}

/**
 * Has the image of all services on this machine or in the registry; what is there is not built again, and nothing leaves this machine.
 * Errors: TODOCTL_BUILDER_MISSING, TODOCTL_BUNDLE_FAILED, TODOCTL_PROGRAM_FAILED.
 */
export async function buildImages(context: Context, { builder, base, platform, dryRun }: BuildOptions, reporter: Reporter): Promise<BuildResult> {
  const images = await imagesOf(context);
  const wanted = await images.wanted({ ...(base === undefined ? {} : { base }), ...(platform === undefined ? {} : { platform }) });
  const given = images.given(builder === undefined ? {} : { builders: [builder] });
  const tag = imageTag(wanted.tags);
  const result = { environment: context.environment, dryRun, reference: referenceOf(images, tag), tags: wanted.tags };
  // Whoever names a base or a platform wants another image than the one that is known by its sources.
  if (base === undefined && platform === undefined && (await registryHas(context, images, tag))) {
    await reporter.end();
    return { ...result, there: 'registry' };
  }
  let made: Built | undefined;
  const step: Step<Built> = {
    id: 'build',
    title: 'Image',
    needs: [],
    timeout: 30 * 60_000,
    makes: [result.reference],
    check: async () => (made ? { is: 'done', value: made } : { is: 'absent' }),
    async apply(run) {
      const { plan: _plan, with: _with, ...rest } = await buildImage(wanted, images, given, run.progress);
      made = rest;
    },
  };
  const { value } = await runOne(context, step, reporter, dryRun);
  if (!value) return result;
  const { reference: _reference, built, ...image } = value;
  return { ...result, image, ...(built ? {} : { there: 'machine' }) };
}

/** A registry that is not there yet, or cannot be asked, has nothing: to build needs neither it nor its credentials. */
async function registryHas(context: Context, images: TargetImages, tag: string): Promise<boolean> {
  try {
    const home = await lookAt(context, await images.registry());
    return (await new OciRepository(home, { ...images.given(), patience: PATIENCE_MS }).digestOf(tag)) !== undefined;
  } catch (error) {
    context.stop.throwIfAborted();
    if (error instanceof TodoctlError) return false;
    throw error;
  }
}
