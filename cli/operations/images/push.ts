import type { BuilderName } from '../../images/builder.ts';
import type { Step } from '../../engine/step.ts';
import { lookAtImages, type Published, publishImages } from '../../images/make.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { imagesOf, lookAt, runOne } from './images-of.ts';

export interface PushOptions {
  builder?: BuilderName;
  base?: string;
  platform?: string;
  dryRun: boolean;
}

export interface PushResult extends Published {
  environment: string;
  dryRun: boolean;
  server: string;
  repository: string;
  services: readonly { service: string; tag: string; pushed: boolean }[];
}

/** Sees to it that the images of all services are in the registry: what is there is neither built nor sent. */
export async function pushImages(context: Context, { builder, base, platform, dryRun }: PushOptions, reporter: Reporter): Promise<PushResult> {
  const images = await imagesOf(context);
  const wanted = await images.wanted({ ...(base === undefined ? {} : { base }), ...(platform === undefined ? {} : { platform }) });
  const given = images.given(builder === undefined ? {} : { builders: [builder] });
  const home = await lookAt(context, await images.registry());
  const before = await lookAtImages(wanted.tags, home, given);
  let done: Published | undefined;
  const step: Step<Published> = {
    id: 'images',
    title: 'Images',
    needs: [],
    timeout: 30 * 60_000,
    makes: before.missing.map((tag) => `${home.repository}:${tag}`),
    async check() {
      if (done) return { is: 'done', value: done };
      if (dryRun && before.missing.length === 0) return { is: 'done', value: { built: false, sent: false, tagged: [] } };
      return { is: 'absent' };
    },
    async apply(run) {
      done = await publishImages(wanted, home, given, run.progress);
    },
  };
  const { value } = await runOne(context, step, reporter, dryRun);
  return {
    environment: context.environment, dryRun, server: home.server, repository: home.repository,
    services: Object.entries(wanted.tags).map(([service, tag]) => ({ service, tag, pushed: before.missing.includes(tag) })),
    built: value?.built ?? false,
    sent: value?.sent ?? false,
    tagged: value?.tagged ?? [],
  };
}
