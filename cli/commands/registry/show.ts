import { BaseCommand } from '../../base-command.ts';
import { showRegistry, type ShowResult } from '../../operations/registry/show.ts';
import { showText } from '../../views/registry/registry.ts';

export default class RegistryShow extends BaseCommand {
  static override summary = 'Show the registry of the platform: its plan, its price, and what is stored.';
  static override description = 'With --json: {name, region, server, ours, bytes, plan: {name, monthly, bytes}, cleaning, tags: [{tag, digest, bytes, updated}]}.';
  static override examples = ['<%= config.bin %> registry show --env prod', '<%= config.bin %> registry show --env prod --json | jq .bytes'];

  async run(): Promise<ShowResult> {
    const { flags } = await this.parse(RegistryShow);
    const result = await showRegistry(this.context(flags));
    this.show(showText(result, this.io));
    return result;
  }
}
