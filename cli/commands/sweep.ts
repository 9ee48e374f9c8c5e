import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { sweep, type Swept, type SweepResult } from '../operations/sweep.ts';
import { consent } from '../ui/consent.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { sweepQuestion, sweepText } from '../views/sweep.ts';

export default class Sweep extends BaseCommand {
  static override summary = 'Find what earlier runs left at DigitalOcean and remove it.';
  static override description = `Left over is what carries the mark of the platform and belongs to no environment of todoctl.yaml, or to one whose cluster is gone.
Nothing without our mark is touched. Exits 7 when some of it stays.
With --json: {platform, dryRun, found: [{environment, why, resources: [{kind, name, id, owner, price, since}]}], monthly}.`;
  static override examples = ['<%= config.bin %> sweep --dry-run', '<%= config.bin %> sweep', '<%= config.bin %> sweep --platform todo-test --yes'];
  static override flags = {
    platform: Flags.string({ helpValue: 'NAME', summary: 'Another platform than that of todoctl.yaml; all that is its is left over.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what is left.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<SweepResult> {
    const { flags } = await this.parse(Sweep);
    const context = this.context(flags);
    const confirm = async (found: readonly Swept[]): Promise<boolean> =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question: sweepQuestion(found, this.io), unasked: 'This would delete what is left over and was not confirmed', signal: context.stop });
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await sweep(context, { dryRun: flags['dry-run'], confirm, ...(flags.platform === undefined ? {} : { platform: flags.platform }) }, reporter);
    this.show(sweepText(result, this.io));
    return result;
  }
}
