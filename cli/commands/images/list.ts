import { BaseCommand } from '../../base-command.ts';
import { listImages, type ListResult } from '../../operations/images/list.ts';
import { listText } from '../../views/images/images.ts';

export default class ImagesList extends BaseCommand {
  static override summary = 'Show which images the sources need, and whether they are in the registry.';
  static override description = 'With --json: {environment, server, repository, services: [{service, tag, digest}], tags}.';
  static override examples = ['<%= config.bin %> images list --env staging', '<%= config.bin %> images list --env prod --json | jq -r ".services[] | select(.digest == null).service"'];

  async run(): Promise<ListResult> {
    const { flags } = await this.parse(ImagesList);
    const result = await listImages(this.context(flags));
    this.show(listText(result, this.io));
    return result;
  }
}
