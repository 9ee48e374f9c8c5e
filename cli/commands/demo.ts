import path from 'node:path';
import { BaseCommand } from '../base-command.ts';
import { demo, type DemoResult } from '../operations/demo/demo.ts';
import { demoText, momentText } from '../views/demo.ts';

export default class Demo extends BaseCommand {
  static override summary = 'Tell the platform’s story on this machine, and leave nothing behind.';
  static override description = `Deploys the environment into a folder of its own, works with tasks through the API, shows their events and history, tears everything down and looks whether a process, port or file is left. A platform that already runs here is not touched. Without a todoctl.yaml here it shows its own.

With --json the story goes to stderr and one object {ok, gone: {processes, ports}, seconds} to stdout.`;
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --json'];

  async run(): Promise<DemoResult> {
    const { flags } = await this.parse(Demo);
    const context = this.context(flags);
    const where = this.jsonEnabled() ? this.io.stderr : this.io.stdout;
    const packageRoot = this.config.root;
    const result = await demo(
      context,
      { packageRoot, script: path.join(packageRoot, 'bin/run.js') },
      (moment) => where.write(this.io.redactor.redact(momentText(moment, this.io))),
    );
    this.show(demoText(result, this.io));
    return result;
  }
}
