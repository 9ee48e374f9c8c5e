import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { protectedName } from '../operations/protected.ts';
import { scale, type ScaleResult } from '../operations/scale.ts';
import { consent } from '../ui/consent.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { scaleText } from '../views/scale.ts';

export default class Scale extends BaseCommand {
  static override summary = 'Change how many replicas a service has, until the next deploy.';
  static override description = `Sets the bounds of its autoscaler, or its replicas where it has none, and waits until as many are ready. todoctl.yaml stays as it is, and the next deploy goes by that.
With --json: {environment, service, min, max, changed, dryRun, seconds}.`;
  static override examples = ['<%= config.bin %> scale task-api --min 4 --max 30 --env prod', '<%= config.bin %> scale audit --replicas 2 --env staging'];
  static override args = { service: Args.string({ required: true, description: 'Name of the service.', ignoreStdin: true }) };
  static override flags = {
    min: Flags.integer({ min: 1, max: 100, helpValue: 'N', summary: 'Fewest replicas.' }),
    max: Flags.integer({ min: 1, max: 100, helpValue: 'N', summary: 'Most replicas.' }),
    replicas: Flags.integer({ min: 1, max: 100, helpValue: 'N', summary: 'As many, neither more nor less.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would change.' }),
    yes: Flags.boolean({ char: 'y', default: false, summary: 'Do not ask.' }),
  };

  async run(): Promise<ScaleResult> {
    const { args, flags } = await this.parse(Scale);
    const context = this.context(flags);
    const confirm = async (): Promise<boolean> => {
      const name = await protectedName(context);
      // It deletes nothing and lasts until the next deploy: only a protected environment asks.
      if (name === undefined) return true;
      return consent({ io: this.io, stdin: process.stdin, yes: flags.yes, signal: context.stop, name, unasked: `This would change ${name} and was not confirmed`, question: `${args.service} of ${name} gets other replicas.\n` });
    };
    const { min, max, replicas } = flags;
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), ...(replicas === undefined ? {} : { replicas }) };
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await scale(context, { service: args.service, ...bounds, dryRun: flags['dry-run'], confirm }, reporter);
    this.show(scaleText(result, this.io));
    return result;
  }
}
