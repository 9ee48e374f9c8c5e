import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import type { Made } from '../../operations/generate/files.ts';
import { generateService } from '../../operations/generate/service.ts';
import { madeText } from '../../views/generate.ts';

const topics = (summary: string) => Flags.string({ multiple: true, delimiter: ',', helpValue: 'TOPIC', summary });

export default class GenerateService extends BaseCommand {
  static override summary = 'Make a service that runs: code, test, and its entry in todoctl.yaml.';
  static override description = `The code is built on services/kit and does a small thing at once: it counts what it is given. todoctl.yaml keeps its comments and its order.

With --json: {root, files: [{path, is: made|changed|unchanged}]}.`;
  static override examples = [
    '<%= config.bin %> generate service billing --subscribes task-events',
    '<%= config.bin %> generate service billing --subscribes task-events --database --route /billing',
  ];
  static override args = { name: Args.string({ required: true, ignoreStdin: true, description: 'Name of the service.' }) };
  static override flags = {
    subscribes: topics('Topics of which one replica gets each event, comma-separated.'),
    listens: topics('Topics of which every replica gets each event.'),
    publishes: topics('Topics that it writes to.'),
    invokes: Flags.string({ multiple: true, delimiter: ',', helpValue: 'SERVICE', summary: 'Services that it calls.' }),
    route: Flags.string({ helpValue: 'PATH', summary: 'Public path at the entrance, like /billing.' }),
    database: Flags.boolean({ summary: 'With a schema of its own in PostgreSQL; each event then counts once.' }),
    state: Flags.boolean({ summary: 'With the state store of Dapr.' }),
  };

  async run(): Promise<Made> {
    const { args, flags } = await this.parse(GenerateService);
    const { route, database = false, state = false } = flags;
    const lists = { subscribes: flags.subscribes ?? [], listens: flags.listens ?? [], publishes: flags.publishes ?? [], invokes: flags.invokes ?? [] };
    const made = await generateService(this.context(flags), { name: args.name, route, database, state, ...lists });
    this.show(madeText(made, 'todoctl deploy starts it', this.io));
    return made;
  }
}
