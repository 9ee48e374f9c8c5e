import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { topics, type TopicRow } from '../../operations/events/topics.ts';
import { topicsText } from '../../views/events/topics.ts';

export default class EventsTopics extends BaseCommand {
  static override summary = 'List the topics with partitions, retention, size and consumer groups.';
  static override description = `Messages are the offsets from beginning to end: fewer are there where compaction or transactions left gaps.
With --json: {topics: [{topic, partitions, key: task|user|null, retentionMs (-1: for ever), messages, groups}]}.`;
  static override examples = [
    '<%= config.bin %> events topics',
    '<%= config.bin %> events topics --internal',
    `<%= config.bin %> events topics --json | jq '.topics[] | select(.topic | endswith(".dlq")) | {topic, messages}'`,
  ];
  static override flags = {
    internal: Flags.boolean({ summary: "Kafka's own topics too." }),
  };

  async run(): Promise<{ topics: TopicRow[] }> {
    const { flags } = await this.parse(EventsTopics);
    const found = await topics(this.context(flags), { internal: flags.internal });
    this.show(topicsText(found, this.io));
    return { topics: found };
  }
}
