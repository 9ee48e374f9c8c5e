import { BaseCommand } from '../../base-command.ts';
import { clusterList } from '../../operations/cluster/list.ts';
import type { ClusterSummary } from '../../providers/provider.ts';
import { clusterListText } from '../../views/cluster.ts';

export default class ClusterList extends BaseCommand {
  static override summary = 'List the clusters of the account at DigitalOcean, and say which are ours.';
  static override description = `Needs a token only, no todoctl.yaml.
With --json: [{id, name, region, version, ha, state, message, platform, environment, endpoint, pools: [{name, size, count, min, max}], since, nodesMonthly}].`;
  static override examples = ['<%= config.bin %> cluster list', "<%= config.bin %> cluster list --json | jq '.[] | select(.platform)'"];

  async run(): Promise<readonly ClusterSummary[]> {
    const { flags } = await this.parse(ClusterList);
    const clusters = await clusterList(this.context(flags));
    this.show(clusterListText(clusters, this.io));
    return clusters;
  }
}
