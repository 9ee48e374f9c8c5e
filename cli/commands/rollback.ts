import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { protectedName } from '../operations/protected.ts';
import { revisions, rollback, type RollbackResult } from '../operations/rollback.ts';
import type { Revision } from '../targets/target.ts';
import { consent } from '../ui/consent.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { revisionsText, rollbackQuestion, rollbackText } from '../views/rollback.ts';

export default class Rollback extends BaseCommand {
  static override summary = 'Take the app back to an earlier deploy: code, settings and policies at once.';
  static override description = `Topics and data stay: no revision has them, and a database only ever gains columns, so that earlier code can read it.
A revision whose images are gone is refused before anything is changed. The next deploy makes the environment what todoctl.yaml says again.
With --json: {environment, dryRun, from, to, changed, seconds}; with --list: {environment, revisions: [{revision, at, state, description}]}.`;
  static override examples = ['<%= config.bin %> rollback --env prod', '<%= config.bin %> rollback --env prod --list', '<%= config.bin %> rollback --env prod --to 7 --dry-run'];
  static override flags = {
    to: Flags.integer({ min: 1, helpValue: 'REVISION', summary: 'Which revision; the one before when left out.' }),
    list: Flags.boolean({ default: false, exclusive: ['to', 'dry-run', 'yes'], summary: 'Only say which revisions there are.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would change.' }),
    yes: Flags.boolean({ char: 'y', default: false, summary: 'Do not ask.' }),
  };

  async run(): Promise<RollbackResult | Awaited<ReturnType<typeof revisions>>> {
    const { flags } = await this.parse(Rollback);
    const context = this.context(flags);
    if (flags.list) {
      const found = await revisions(context);
      this.show(revisionsText(found, this.io, context.clock.now()));
      return found;
    }
    const confirm = async (from: Revision | undefined, to: Revision): Promise<boolean> => {
      const name = await protectedName(context);
      return consent({
        io: this.io, stdin: process.stdin, yes: flags.yes, signal: context.stop, unasked: 'This would change what runs and was not confirmed',
        question: rollbackQuestion(flags.env, from, to, context.clock.now()), ...(name === undefined ? {} : { name }),
      });
    };
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await rollback(context, { dryRun: flags['dry-run'], confirm, ...(flags.to === undefined ? {} : { to: flags.to }) }, reporter);
    this.show(rollbackText(result, this.io));
    return result;
  }
}
