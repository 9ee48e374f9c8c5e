import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { logs } from '../operations/logs.ts';
import { logLineJson, logLineText } from '../views/logs.ts';

const NAME_WIDTH = 14;

export default class Logs extends BaseCommand {
  static override summary = 'Print what services and processes have logged, merged by time.';
  static override description = 'A service stands for all its replicas. With --json: one object per line, the fields of the log line with {process} in front.';
  static override examples = [
    '<%= config.bin %> logs',
    '<%= config.bin %> logs task-api recurrence --follow',
    '<%= config.bin %> logs broker --tail 20',
    '<%= config.bin %> logs task-api --env staging --sidecar --since 10m',
    '<%= config.bin %> logs --json | jq "select(.level >= 40)"',
  ];
  static override strict = false;
  static override args = {
    service: Args.string({ description: 'Services or processes, as `todoctl status` names them; all when left out.', ignoreStdin: true }),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on until Ctrl-C.' }),
    tail: Flags.integer({ char: 'n', default: 100, min: 0, helpValue: 'N', summary: 'How many lines back.' }),
    since: Flags.string({ helpValue: '10m|TIME', summary: 'What was logged since this time, or this long ago.' }),
    sidecar: Flags.boolean({ summary: "Of Dapr's sidecars instead of the services." }),
    previous: Flags.boolean({ summary: 'In a cluster: of the containers before their last restart.', exclusive: ['follow'] }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const selection = { ...flags, names: argv.map(String) };
    for await (const line of logs(this.context(flags), selection)) {
      const text = this.jsonEnabled() ? logLineJson(line) : logLineText(line, this.io, NAME_WIDTH);
      if (!this.io.stdout.write(this.io.redactor.redact(text))) await new Promise((resolve) => this.io.stdout.once('drain', resolve));
    }
  }
}
