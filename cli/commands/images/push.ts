import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { BUILDERS } from '../../images/builder.ts';
import { pushImages, type PushResult } from '../../operations/images/push.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { pushText } from '../../views/images/images.ts';

export default class ImagesPush extends BaseCommand {
  static override summary = 'Have the images of all services in the registry.';
  static override description = `What is there already is neither built nor sent, and needs no Docker. The image is sent once and gets one tag for each service;
the tag of the commit moves to it.
With --json: {environment, dryRun, server, repository, services: [{service, tag, pushed}], built, sent, tagged}.`;
  static override examples = [
    '<%= config.bin %> images push --env staging',
    '<%= config.bin %> images push --env prod --dry-run',
  ];
  static override flags = {
    builder: Flags.option({ options: BUILDERS, summary: 'Build with this program; the first that works when left out.' })(),
    base: Flags.string({ helpValue: 'IMAGE', summary: 'Base image instead of the one that services/Dockerfile names.' }),
    platform: Flags.string({ helpValue: 'OS/ARCH', summary: 'What the nodes are; linux/amd64 when left out.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be pushed.' }),
  };

  async run(): Promise<PushResult> {
    const { flags } = await this.parse(ImagesPush);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const { builder, base, platform } = flags;
    const options = { dryRun: flags['dry-run'], ...(builder ? { builder } : {}), ...(base === undefined ? {} : { base }), ...(platform === undefined ? {} : { platform }) };
    const result = await pushImages(this.context(flags), options, reporter);
    this.show(pushText(result, this.io));
    return result;
  }
}
