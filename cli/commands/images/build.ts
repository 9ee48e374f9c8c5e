import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { BUILDERS } from '../../images/builder.ts';
import { buildImages, type BuildResult } from '../../operations/images/build.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { buildText } from '../../views/images/images.ts';

export default class ImagesBuild extends BaseCommand {
  static override summary = 'Build the image of all services on this machine.';
  static override description = `One image holds all services; it is made of their bundles, and nothing is fetched but its base. Its tag follows from the sources:
one that is in the registry, or here with the same contents, is not built again.
Which base image it is, and of which commit the sources are, stand in its labels. Docker, Podman and buildctl are known.
With --json: {environment, dryRun, reference, tags: {service: tag}, there: registry|machine, image: {builder, base, baseDigest, revision, contents}}.`;
  static override examples = [
    '<%= config.bin %> images build --env staging',
    '<%= config.bin %> images build --env prod --builder podman',
    '<%= config.bin %> images build --env prod --json | jq -r .reference',
  ];
  static override flags = {
    builder: Flags.option({ options: BUILDERS, summary: 'Build with this program; the first that works when left out.' })(),
    base: Flags.string({ helpValue: 'IMAGE', summary: 'Base image instead of the one that services/Dockerfile names.' }),
    platform: Flags.string({ helpValue: 'OS/ARCH', summary: 'What the nodes are; linux/amd64 when left out.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be built.' }),
  };

  async run(): Promise<BuildResult> {
    const { flags } = await this.parse(ImagesBuild);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const { builder, base, platform } = flags;
    const options = { dryRun: flags['dry-run'], ...(builder ? { builder } : {}), ...(base === undefined ? {} : { base }), ...(platform === undefined ? {} : { platform }) };
    const result = await buildImages(this.context(flags), options, reporter);
    this.show(buildText(result, this.io));
    return result;
  }
}
