import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { clusterDelete, type ClusterDeleteResult } from '../../operations/cluster/delete.ts';
import { protectedName } from '../../operations/protected.ts';
import type { Resource } from '../../providers/resource.ts';
import { consent } from '../../ui/consent.ts';
import { chooseReporter } from '../../ui/reporters/choose.ts';
import { clusterDeleteText, resourceLines } from '../../views/cluster.ts';

export default class ClusterDelete extends BaseCommand {
  static override summary = 'Delete the cluster of an environment with what is of it alone.';
  static override description = `Its load balancers, volumes, network and DNS record go with it. Managed databases and the registry stay; todoctl teardown removes the databases too, and empties the cluster first.
Looks again at the end: exits 7 when something is left, and names it.
With --json: {environment, dryRun, removed: [{kind, name, id, owner, price, since}], kept: […], seconds}; in a dry run removed is what would be.`;
  static override examples = ['<%= config.bin %> cluster delete --env staging', '<%= config.bin %> cluster delete --env staging --dry-run', '<%= config.bin %> cluster delete --env staging --yes --json'];
  static override flags = {
    'dry-run': Flags.boolean({ default: false, summary: 'Change nothing; say what would be removed.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<ClusterDeleteResult> {
    const { flags } = await this.parse(ClusterDelete);
    const context = this.context(flags);
    const name = await protectedName(context);
    const confirm = async (found: readonly Resource[]): Promise<boolean> =>
      consent({ io: this.io, stdin: process.stdin, yes: flags.yes, question: `${['This deletes, with all data in it:', ...resourceLines(found)].join('\n')}\n`, ...(name === undefined ? {} : { name }), unasked: `This would delete the cluster of ${flags.env} and was not confirmed`, signal: context.stop });
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await clusterDelete(context, { dryRun: flags['dry-run'], confirm }, reporter);
    this.show(clusterDeleteText(result, this.io));
    return result;
  }
}
