import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { scanImages, type ScanResult } from '../../operations/images/scan.ts';
import { scanText } from '../../views/images/images.ts';

export default class ImagesScan extends BaseCommand {
  static override summary = 'Look for known weaknesses in the image, with Trivy.';
  static override description = `The image is that of images build, or the one in the registry. Exits 6 when a critical weakness is found that is fixed elsewhere.
Without Trivy it says so and exits 0, or 3 with --require.
With --json: {environment, reference, scanned, weaknesses: [{id, package, installed, fixed, severity, title}]}.`;
  static override examples = ['<%= config.bin %> images scan --env staging', '<%= config.bin %> images scan --env prod --require'];
  static override flags = { require: Flags.boolean({ default: false, summary: 'Fail where Trivy is not on this machine.' }) };

  async run(): Promise<ScanResult> {
    const { flags } = await this.parse(ImagesScan);
    const result = await scanImages(this.context(flags), { require: flags.require });
    this.show(scanText(result, this.io));
    return result;
  }
}
