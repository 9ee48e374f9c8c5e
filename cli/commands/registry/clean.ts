import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { cancelCleaning, cleanRegistry, type CleanResult } from '../../operations/registry/clean.ts';
import { consent } from '../../ui/consent.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { cleanQuestion, cleanText } from '../../views/registry/registry.ts';

export default class RegistryClean extends BaseCommand {
  static override summary = 'Delete images that no environment uses, and give their room back.';
  static override description = `Used is what a revision of any environment of todoctl.yaml has, and what these sources would have. An environment that cannot be asked
stops it. Until the cleaning has ended nothing can be pushed; --cancel ends one that is under way.
With --json: {name, dryRun, removed: [{tag, digest, bytes, updated}], kept: […]}, and with --cancel: {name, cancelled}.`;
  static override examples = ['<%= config.bin %> registry clean --env prod --dry-run', '<%= config.bin %> registry clean --env prod --yes', '<%= config.bin %> registry clean --env prod --cancel'];
  static override flags = {
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be deleted.' }),
    cancel: Flags.boolean({ default: false, exclusive: ['dry-run', 'yes'], summary: 'End a cleaning that is under way.' }),
    yes: Flags.boolean({ char: 'y', default: false, summary: 'Do not ask.' }),
  };

  async run(): Promise<CleanResult | { name: string; cancelled: boolean }> {
    const { flags } = await this.parse(RegistryClean);
    const context = this.context(flags);
    if (flags.cancel) {
      const result = await cancelCleaning(context);
      this.show(`${result.cancelled ? 'Cancelled the cleaning of' : 'No cleaning is under way in'} ${result.name}\n`);
      return result;
    }
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const confirm: Parameters<typeof cleanRegistry>[1]['confirm'] = (unused) =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question: cleanQuestion(unused), unasked: 'This would delete images and was not confirmed', signal: context.stop });
    const result = await cleanRegistry(context, { dryRun: flags['dry-run'], confirm }, reporter);
    this.show(cleanText(result, this.io));
    return result;
  }
}
