import { createInterface } from 'node:readline/promises';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { teardown, type TeardownResult } from '../operations/teardown.ts';
import type { Resource } from '../providers/resource.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { teardownQuestion, teardownText } from '../views/teardown.ts';

export default class Teardown extends BaseCommand {
  static override summary = 'Stop an environment, remove it, and print a receipt.';
  static override description = `Goes by what is found on this machine, not by todoctl.yaml. Looks again at the end: exits 7 when something is left, and names it.
With --json: {environment, dryRun, removed: [{kind, name, id, owner}], kept: […], seconds}.`;
  static override examples = [
    '<%= config.bin %> teardown',
    '<%= config.bin %> teardown --keep-data',
    '<%= config.bin %> teardown --yes --json',
    '<%= config.bin %> teardown --dry-run',
  ];
  static override flags = {
    'keep-data': Flags.boolean({ summary: 'Keep tasks and events for the next deploy.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be removed.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<TeardownResult> {
    const { flags } = await this.parse(Teardown);
    const context = this.context(flags);
    const confirm = async (found: readonly Resource[]): Promise<boolean> => {
      if (flags.yes) return true;
      if (!process.stdin.isTTY || !this.io.stderrIsTty) throw new TodoctlError('TODOCTL_NEEDS_YES');
      const asking = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await asking.question(teardownQuestion(flags.env, found, this.io), { signal: context.stop }).finally(() => asking.close());
      return /^y(es)?$/i.test(answer.trim());
    };
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await teardown(context, { keepData: flags['keep-data'], dryRun: flags['dry-run'], confirm }, reporter);
    this.show(teardownText(result, this.io));
    return result;
  }
}
