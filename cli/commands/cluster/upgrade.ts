import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { clusterUpgrade, type ClusterUpgradeResult } from '../../operations/cluster/upgrade.ts';
import { protectedName } from '../../operations/protected.ts';
import { consent } from '../../ui/consent.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { clusterUpgradeText } from '../../views/cluster.ts';

export default class ClusterUpgrade extends BaseCommand {
  static override summary = 'Upgrade Kubernetes in the cluster of an environment: its API, then node by node.';
  static override description = `A version cannot be taken back. Patches come before the next minor version. Interrupted, the upgrade goes on at DigitalOcean; run it again to wait for it.
With --json: {environment, dryRun, changed, changes: [{what, from, to}], version}.`;
  static override examples = ['<%= config.bin %> cluster upgrade --env prod --dry-run', '<%= config.bin %> cluster upgrade --env prod --to 1.36'];
  static override flags = {
    to: Flags.string({ default: 'latest', helpValue: 'VERSION', summary: 'latest, a minor version as 1.36, or a full one.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would change.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<ClusterUpgradeResult> {
    const { flags } = await this.parse(ClusterUpgrade);
    const context = this.context(flags);
    const name = await protectedName(context);
    const confirm = async (from: string, to: string): Promise<boolean> =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question: `This upgrades Kubernetes of ${flags.env} from ${from} to ${to}, for good.\n`, ...(name === undefined ? {} : { name }), unasked: `This would upgrade the cluster of ${flags.env} and was not confirmed`, signal: context.stop });
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await clusterUpgrade(context, { to: flags.to, dryRun: flags['dry-run'], confirm }, reporter);
    this.show(clusterUpgradeText(result, this.io));
    return result;
  }
}
