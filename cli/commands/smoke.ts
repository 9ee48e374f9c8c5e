import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { smoke, type SmokeResult } from '../operations/smoke.ts';
import { chooseReporter } from '../ui/reporters/choose.ts';
import { smokeText } from '../views/smoke.ts';

export default class Smoke extends BaseCommand {
  static override summary = 'Try the platform as a user would, through its real entrance.';
  static override description = `Asks for health and for the page, makes a task as a user of its own, waits for its event on Kafka, and deletes it. deploy ends with the same.
Where users need a token and the key cannot sign one, it takes that in SMOKE_TOKEN; without, only health and the page are tried, and it says so.
With --json: {environment, entrance, checks: [{step, title, seconds}], notes, seconds}.`;
  static override examples = ['<%= config.bin %> smoke', '<%= config.bin %> smoke --env prod', 'SMOKE_TOKEN=… <%= config.bin %> smoke --env prod --json'];
  static override flags = { url: Flags.url({ summary: 'Another entrance than the environment’s own.' }) };

  async run(): Promise<SmokeResult> {
    const { flags } = await this.parse(Smoke);
    const reporter = await chooseReporter(this.io, this.jsonEnabled());
    const result = await smoke(this.context(flags), flags.url ? { url: flags.url } : {}, reporter);
    this.show(smokeText(result, this.io));
    return result;
  }
}
