import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { eventText } from '../../operations/events/event-text.ts';
import { publish, type Published } from '../../operations/events/publish.ts';
import { publishedText } from '../../views/events/publish.ts';

export default class EventsPublish extends BaseCommand {
  static override summary = 'Publish one event to a topic, into the partition where Dapr would put it.';
  static override description = `JSON with a specversion is taken as a CloudEvent, other JSON is wrapped into one and needs --type; a missing id and time are made.
The key (the event's partitionkey or subject when --key is left out) chooses the partition.
With --json: {topic, partition, offset, key, id, type}.`;
  static override examples = [
    `<%= config.bin %> events publish task-events --type task.created.v1 --key 0198c0de-7e57-7000-8000-000000000001 --data '{"title": "buy milk"}'`,
    '<%= config.bin %> events publish task-events --file event.json',
    '<%= config.bin %> events tail task-events.dlq --limit 1 --from beginning --format raw | <%= config.bin %> events publish task-events --file -',
  ];
  static override args = { topic: Args.string({ required: true, description: 'Topic, which must exist.', ignoreStdin: true }) };
  static override flags = {
    data: Flags.string({ helpValue: 'JSON', summary: 'The event or its data.', exactlyOne: ['data', 'file'] }),
    file: Flags.string({ helpValue: 'PATH|-', summary: 'Read it from a file, or from stdin.' }),
    type: Flags.string({ helpValue: 'TYPE', summary: 'CloudEvent type with its major version, like task.created.v1.' }),
    key: Flags.string({ summary: 'Record key.' }),
  };

  async run(): Promise<Published> {
    const { flags, args } = await this.parse(EventsPublish);
    const context = this.context(flags);
    const text = flags.data ?? (await eventText(flags.file ?? '-', { cwd: context.cwd, stdin: process.stdin }));
    const published = await publish(context, { topic: args.topic, text, type: flags.type, key: flags.key });
    this.show(publishedText(published, this.io));
    return published;
  }
}
