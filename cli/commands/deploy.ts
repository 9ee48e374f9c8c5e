import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { parseDuration } from '../definition/duration.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { deploy, type DeployResult } from '../operations/deploy.ts';
import { consent } from '../ui/consent.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { deployText } from '../views/deploy.ts';

export default class Deploy extends BaseCommand {
  static override summary = 'Make an environment as todoctl.yaml says, and wait until all of it is ready.';
  static override description = `Starts what is missing, restarts what has changed, stops what is no longer named, and leaves the rest alone.
It looks for everything that could stop it before it changes anything; interrupted, it goes on where it was when it is run again.
Steps are told on stderr, the result goes to stdout. With --json: {environment, changed, dryRun, seconds, steps: [{step, title, is, changes}], running: {entrance, record, zone, kafka, processes, cost: {monthly, hourly}}}.`;
  static override examples = [
    '<%= config.bin %> deploy',
    '<%= config.bin %> deploy --dry-run',
    '<%= config.bin %> deploy --env prod --yes',
    '<%= config.bin %> deploy --env staging --only app --timeout 5m',
    '<%= config.bin %> deploy --json | jq -r .running.entrance',
  ];
  static override flags = {
    only: Flags.string({ multiple: true, helpValue: 'STEP', summary: 'Change only by this step; what it needs must be there. Several may be named.' }),
    skip: Flags.string({ multiple: true, helpValue: 'STEP', summary: 'Leave out this step. Several may be named.' }),
    timeout: Flags.string({ helpValue: 'DURATION', summary: 'How long each step may take: 90s, 5m.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask, in a protected environment.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would change.' }),
  };

  async run(): Promise<DeployResult> {
    const { flags } = await this.parse(Deploy);
    const context = this.context(flags);
    const { only, skip } = flags;
    const timeout = flags.timeout === undefined ? undefined : limitOf(flags.timeout);
    const confirm = (name: string): Promise<boolean> =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, name, question: `${name} is protected: people rely on it.\n`, unasked: `This would change ${name}, which is protected, and was not confirmed`, signal: context.stop });
    const header = (where: string): void => void (this.jsonEnabled() || this.io.stderr.write(`${flags.env} on ${where}\n`));
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const options = { dryRun: flags['dry-run'], confirm, header, ...(only ? { only } : {}), ...(skip ? { skip } : {}), ...(timeout === undefined ? {} : { timeout }) };
    const result = await deploy(context, options, reporter);
    this.show(deployText(result, this.io));
    return result;
  }
}

function limitOf(text: string): number {
  const limit = parseDuration(text);
  if (limit === undefined || limit <= 0) throw new TodoctlError('TODOCTL_USAGE', { message: `--timeout ${text} is no duration: write 90s, 5m or 1h` });
  return limit;
}
