import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { deploy, type DeployResult } from '../operations/deploy.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { deployText } from '../views/deploy.ts';

export default class Deploy extends BaseCommand {
  static override summary = 'Make an environment as todoctl.yaml says, and wait until all of it is ready.';
  static override description = `Starts what is missing, restarts what has changed, stops what is no longer named, and leaves the rest alone.
It looks for everything that could stop it before it changes anything; interrupted, it goes on where it was when it is run again.
Steps are told on stderr, the result goes to stdout. With --json: {environment, changed, dryRun, seconds, steps: [{step, title, is, changes}], running: {entrance, kafka, processes}}.`;
  static override examples = [
    '<%= config.bin %> deploy',
    '<%= config.bin %> deploy --dry-run',
    '<%= config.bin %> deploy --json | jq -r .running.entrance',
  ];
  static override flags = {
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would change.' }),
  };

  async run(): Promise<DeployResult> {
    const { flags } = await this.parse(Deploy);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await deploy(this.context(flags), { dryRun: flags['dry-run'] }, reporter);
    this.show(deployText(result, this.io));
    return result;
  }
}
