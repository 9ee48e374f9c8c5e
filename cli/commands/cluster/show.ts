import { BaseCommand } from '../../base-command.ts';
import { clusterShow, type ClusterShowResult } from '../../operations/cluster/show.ts';
import { clusterShowText } from '../../views/cluster.ts';

export default class ClusterShow extends BaseCommand {
  static override summary = 'Show the cluster of an environment: state, version, nodes, price.';
  static override description = `With --json: {id, name, region, version, ha, state, message, platform, environment, endpoint,
pools: [{name, size, count, min, max}], since, nodesMonthly, upgrades: [version]}.`;
  static override examples = ['<%= config.bin %> cluster show --env prod', '<%= config.bin %> cluster show --env prod --json | jq -r .state'];

  async run(): Promise<ClusterShowResult> {
    const { flags } = await this.parse(ClusterShow);
    const result = await clusterShow(this.context(flags));
    this.show(clusterShowText(result, this.io));
    return result;
  }
}
