import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { clusterKubeconfig, type ClusterKubeconfigResult } from '../../operations/cluster/kubeconfig.ts';
import { clusterKubeconfigText } from '../../views/cluster.ts';

export default class ClusterKubeconfig extends BaseCommand {
  static override summary = 'Sign in to the cluster of an environment, and print the path of its kubeconfig.';
  static override description = `The file is private to the environment, knows this cluster alone, and its token lasts eight hours.
With --merge the cluster is written into your own kubeconfig too; what is there stays, and so does the current context.
With --json: {environment, cluster, uid, context, file, merged}.`;
  static override examples = [
    'KUBECONFIG=$(<%= config.bin %> cluster kubeconfig --env prod) kubectl get pods --all-namespaces',
    '<%= config.bin %> cluster kubeconfig --env prod --merge',
  ];
  static override flags = {
    merge: Flags.boolean({ default: false, summary: 'Write it into ~/.kube/config (the first file of $KUBECONFIG) as well.' }),
  };

  async run(): Promise<ClusterKubeconfigResult> {
    const { flags } = await this.parse(ClusterKubeconfig);
    const result = await clusterKubeconfig(this.context(flags), { merge: flags.merge });
    this.show(clusterKubeconfigText(result, this.io));
    return result;
  }
}
