import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { open } from '../operations/open.ts';
import { openText } from '../views/open.ts';

export default class Open extends BaseCommand {
  static override summary = 'Open the platform, a dashboard or a service in a browser.';
  static override description = `Without a name the entrance. A dashboard or a service of a cluster is reached through the cluster's API: todoctl listens on this machine and passes on to a ready pod, until Ctrl-C.
With --json: {environment, url, to, user, password}, where password is the command that shows it.`;
  static override examples = [
    '<%= config.bin %> open',
    '<%= config.bin %> open grafana --env staging',
    '<%= config.bin %> open task-api --env staging --port 8080 --print',
    '<%= config.bin %> open --print --json | jq -r .url',
  ];
  static override args = { what: Args.string({ description: 'grafana, prometheus, jaeger, dapr, or a service.', ignoreStdin: true }) };
  static override flags = {
    port: Flags.integer({ char: 'p', min: 1, max: 65_535, helpValue: 'PORT', summary: 'Listen on this port instead of a free one.' }),
    print: Flags.boolean({ summary: 'Only say the address; start no browser.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Open);
    const print = flags.print || this.jsonEnabled() || !this.io.stdoutIsTty;
    const options = { print, ...(args.what === undefined ? {} : { what: args.what }), ...(flags.port === undefined ? {} : { port: flags.port }) };
    const lost = (why: string): void => void this.io.stderr.write(this.io.redactor.redact(`${why}\n`));
    await open(this.context(flags), options, (result) => (this.jsonEnabled() ? this.logJson(result) : this.show(openText(result, this.io))), lost);
  }
}
