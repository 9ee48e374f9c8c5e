import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import type { Made } from '../../operations/generate/files.ts';
import { generateTopic } from '../../operations/generate/topic.ts';
import { madeText } from '../../views/generate.ts';

export default class GenerateTopic extends BaseCommand {
  static override summary = 'Add a topic to todoctl.yaml and to the contracts of the services.';
  static override description = `Its dead-letter topic comes with it. todoctl.yaml keeps its comments and its order.

With --json: {root, files: [{path, is: made|changed|unchanged}]}.`;
  static override examples = ['<%= config.bin %> generate topic invoices', '<%= config.bin %> generate topic invoices --key user --partitions 6 --retention 30d'];
  static override args = { name: Args.string({ required: true, ignoreStdin: true, description: 'Name of the topic.' }) };
  static override flags = {
    key: Flags.option({ options: ['task', 'user'] as const, default: 'task' })({ summary: 'What the record key is; events of one key stay in order.' }),
    partitions: Flags.integer({ default: 3, min: 1, max: 1000, helpValue: 'N', summary: 'How many partitions.' }),
    retention: Flags.string({ default: '7d', helpValue: 'DURATION', summary: 'How long events are kept.' }),
  };

  async run(): Promise<Made> {
    const { args, flags } = await this.parse(GenerateTopic);
    const { key, partitions, retention } = flags;
    const made = await generateTopic(this.context(flags), { name: args.name, key, partitions, retention });
    this.show(madeText(made, 'todoctl deploy creates it', this.io));
    return made;
  }
}
