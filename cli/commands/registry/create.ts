import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { createRegistry, type CreateResult } from '../../operations/registry/create.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { createText } from '../../views/registry/registry.ts';

export default class RegistryCreate extends BaseCommand {
  static override summary = 'Make the registry of the platform, or find it.';
  static override description = `All environments of the platform share it. Its plan is registry.tier of todoctl.yaml, basic when nothing is said.
With --json: {name, server, dryRun, created}.`;
  static override examples = ['<%= config.bin %> registry create --env prod', '<%= config.bin %> registry create --env prod --dry-run'];
  static override flags = { 'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be made.' }) };

  async run(): Promise<CreateResult> {
    const { flags } = await this.parse(RegistryCreate);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await createRegistry(this.context(flags), { dryRun: flags['dry-run'] }, reporter);
    this.show(createText(result, this.io));
    return result;
  }
}
