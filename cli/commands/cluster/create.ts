import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { clusterCreate, type ClusterCreateResult } from '../../operations/cluster/create.ts';
import { protectedName } from '../../operations/protected.ts';
import { consent } from '../../ui/consent.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { clusterCreateText } from '../../views/cluster.ts';

export default class ClusterCreate extends BaseCommand {
  static override summary = 'Make the cluster of an environment, with its own network.';
  static override description = `Region, size and number of nodes are those of todoctl.yaml. One that is there and ours is found again: interrupted, it goes on where it was.
It takes five minutes as a rule, and costs from then on; see todoctl plan.
With --json: {environment, dryRun, changed, seconds, steps: [{step, title, is, changes}], cluster: {name, id, uid, kubeconfig}}.`;
  static override examples = [
    '<%= config.bin %> cluster create --env prod',
    '<%= config.bin %> cluster create --env prod --dry-run',
    '<%= config.bin %> cluster create --env staging --yes --json | jq -r .cluster.kubeconfig',
  ];
  static override flags = {
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be made.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<ClusterCreateResult> {
    const { flags } = await this.parse(ClusterCreate);
    const context = this.context(flags);
    const name = await protectedName(context);
    // Only a protected environment asks: what is made can be deleted again.
    const confirm = async (): Promise<boolean> =>
      name === undefined || consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question: `This makes or changes the cluster of ${name}, which costs.\n`, name, unasked: `This would make the cluster of ${name} and was not confirmed`, signal: context.stop });
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await clusterCreate(context, { dryRun: flags['dry-run'], confirm }, reporter);
    this.show(clusterCreateText(result, this.io));
    return result;
  }
}
