// A command for interrupts.local.test.ts: it says `ready` and then holds its process as argv says.
import path from 'node:path';
import { BaseCommand } from '../../cli/base-command.ts';
import { TodoctlError } from '../../cli/errors/todoctl-error.ts';

class Hang extends BaseCommand {
  static override id = 'hang';

  async run(): Promise<void> {
    await this.parse(Hang);
    const { stop } = this.context({ env: 'local' });
    const how = process.env['HANG'];
    setInterval(() => undefined, 1000);
    this.io.stdout.write('ready\n');
    if (how === 'after its error') throw new TodoctlError('TODOCTL_STEP_TIMED_OUT');
    await new Promise<void>((resolve) => {
      if (how === 'after it stopped') stop.addEventListener('abort', () => resolve());
    });
    process.exitCode = 0;
  }
}

await Hang.run(process.argv.slice(2), path.resolve(import.meta.dirname, '../..'));
