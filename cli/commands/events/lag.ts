import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { type Lag, lag } from '../../operations/events/lag.ts';
import { lagText } from '../../views/events/lag.ts';

export default class EventsLag extends BaseCommand {
  static override summary = 'Show how far each consumer group is behind.';
  static override description = `A group's offsets are those that it has committed; what it holds in hand counts as not read yet.
With --json: {total, groups: [{group, topic, state, members, lag, partitions: [{partition, committed, end, lag}]}]}.`;
  static override examples = [
    '<%= config.bin %> events lag',
    '<%= config.bin %> events lag audit recurrence',
    '<%= config.bin %> events lag --json | jq ".total"',
  ];
  static override strict = false;
  static override args = { group: Args.string({ description: 'Consumer groups; all when left out.', ignoreStdin: true }) };

  async run(): Promise<Lag> {
    const { flags, argv } = await this.parse(EventsLag);
    const found = await lag(this.context(flags), { groups: argv.map(String) });
    this.show(lagText(found, this.io));
    return found;
  }
}
