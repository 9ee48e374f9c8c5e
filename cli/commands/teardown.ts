import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { protectedName } from '../operations/protected.ts';
import { teardown, type TeardownResult } from '../operations/teardown.ts';
import type { Resource } from '../providers/resource.ts';
import { consent } from '../ui/consent.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { teardownQuestion, teardownText } from '../views/teardown.ts';

export default class Teardown extends BaseCommand {
  static override summary = 'Stop an environment, remove it, and print a receipt.';
  static override description = `Goes by what is found on this machine, in the cluster and at the provider, not by todoctl.yaml; what others made there stays. Looks again at the end: exits 7 when something is left, and names it.
With --json: {environment, dryRun, removed: [{kind, name, id, owner}], kept: […], seconds}; of a dry run what would go, and what would stay.`;
  static override examples = [
    '<%= config.bin %> teardown',
    '<%= config.bin %> teardown --keep-data',
    '<%= config.bin %> teardown --yes --json',
    '<%= config.bin %> teardown --dry-run',
    '<%= config.bin %> teardown --env prod --keep database',
  ];
  static override flags = {
    'keep-data': Flags.boolean({ summary: 'On this machine: keep tasks and events for the next deploy.' }),
    keep: Flags.string({ options: ['database'], summary: 'In a cluster: keep the database and its data.' }),
    'with-registry': Flags.boolean({ default: false, summary: 'With the last environment: delete the registry of the platform too.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be removed.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<TeardownResult> {
    const { flags } = await this.parse(Teardown);
    const context = this.context(flags);
    const keepDatabase = flags.keep === 'database';
    const confirm = async (goes: readonly Resource[]): Promise<boolean> => {
      const name = await protectedName(context);
      const question = teardownQuestion(flags.env, goes, this.io, { keepDatabase });
      return consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question, signal: context.stop, ...(name === undefined ? {} : { name }) });
    };
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await teardown(context, { keepData: flags['keep-data'], keepDatabase, withRegistry: flags['with-registry'], dryRun: flags['dry-run'], confirm }, reporter);
    this.show(teardownText(result, this.io));
    return result;
  }
}
