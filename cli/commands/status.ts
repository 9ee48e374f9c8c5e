import { BaseCommand } from '../base-command.ts';
import { ExitCode } from '../errors/entry.ts';
import { status, type StatusResult } from '../operations/status.ts';
import { statusText } from '../views/status.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show how every process of an environment is.';
  static override description = `Exits 0 when everything is ready and 6 when something is not as wanted.
With --json: {environment, ready, entrance, record, zone, kafka, folder, processes: [{name, kind, state, reason, pid, port, replicas, restarts, since}], lag: [{group, topic, lag}], cost: {hourly, monthly, since}}.`;
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json | jq .ready'];

  async run(): Promise<StatusResult> {
    const { flags } = await this.parse(Status);
    const context = this.context(flags);
    const result = await status(context);
    this.show(statusText(result, this.io, context.clock.now()));
    if (!result.ready) process.exitCode = ExitCode.difference;
    return result;
  }
}
