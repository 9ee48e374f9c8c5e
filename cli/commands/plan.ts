import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { ExitCode } from '../errors/entry.ts';
import { plan, type PlanResult } from '../operations/plan/plan.ts';
import { planText } from '../views/plan.ts';

export default class Plan extends BaseCommand {
  static override summary = 'Say what deploy would change, whether there is room for it, and what it costs.';
  static override description = `Changes nothing. Exits 0 when nothing would change and 6 when something would.
The cluster is that of --kubeconfig; for provider existing, of the context in todoctl.yaml. Each object is tried there by a server-side
dry run. Without a cluster, and without --against, everything is new.

With --json: {environment, against: {kind: cluster|folder|nothing, where}, size, approximate, unseen, warnings,
changes: [{action: create|change|prune|after, kind, namespace, name, system, reason, after, fields: [{path, from, to, masked}]}],
capacity: {least: {pods, cpu, memory, volumes}, most, nodes, connections: {limit, used}, warnings},
price: {currency, asOf, items: [{what, count, monthly}], monthly, hourly, least, most, difference, unknown}}.`;
  static override examples = [
    '<%= config.bin %> plan --env prod --kubeconfig prod.yaml',
    '<%= config.bin %> plan --env prod --against rendered/prod',
    "<%= config.bin %> plan --env prod --json | jq '.changes[] | select(.action == \"prune\")'",
  ];
  static override flags = {
    against: Flags.string({ exclusive: ['kubeconfig', 'context'], helpValue: 'DIR', summary: 'Compare with a folder that todoctl render wrote.' }),
    kubeconfig: Flags.string({ helpValue: 'FILE', summary: 'Kubeconfig of the cluster.' }),
    context: Flags.string({ helpValue: 'NAME', summary: 'Context of the kubeconfig; its current one when left out.' }),
  };

  async run(): Promise<PlanResult> {
    const { flags } = await this.parse(Plan);
    const context = this.context(flags);
    const { against, kubeconfig, context: name } = flags;
    const result = await plan(context, { ...(against === undefined ? {} : { against }), ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(name === undefined ? {} : { context: name }) });
    this.show(planText(result, context.cwd, this.io));
    if (result.changes.length > 0) process.exitCode = ExitCode.difference;
    return result;
  }
}
