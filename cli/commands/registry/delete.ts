import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { deleteRegistry, type DeleteResult } from '../../operations/registry/delete.ts';
import { consent } from '../../ui/consent.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { deleteQuestion, deleteText } from '../../views/registry/registry.ts';

export default class RegistryDelete extends BaseCommand {
  static override summary = 'Delete the registry of the platform with all its images.';
  static override description = `Only one that todoctl made. Its name must be typed, for all environments of the platform share it.
With --json: {name, dryRun, deleted}.`;
  static override examples = ['<%= config.bin %> registry delete --env prod', '<%= config.bin %> registry delete --env prod --yes'];
  static override flags = {
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be deleted.' }),
    yes: Flags.boolean({ char: 'y', default: false, summary: 'Do not ask.' }),
  };

  async run(): Promise<DeleteResult> {
    const { flags } = await this.parse(RegistryDelete);
    const context = this.context(flags);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const confirm: Parameters<typeof deleteRegistry>[1]['confirm'] = (found) =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, name: found.name, question: deleteQuestion(found), unasked: 'This would delete the registry and was not confirmed', signal: context.stop });
    const result = await deleteRegistry(context, { dryRun: flags['dry-run'], confirm }, reporter);
    this.show(deleteText(result, this.io));
    return result;
  }
}
