import { BaseCommand } from '../base-command.ts';
import { cost, type CostResult } from '../operations/cost.ts';
import { costText } from '../views/cost.ts';

export default class Cost extends BaseCommand {
  static override summary = 'Show what an environment costs as it is declared.';
  static override description = `By the month, by the hour, and over a weekend that it is left running (Friday 18:00 to Monday 08:00). Each line says whose price it is and of which day:
the provider's API where that has prices and there is a token, else a dated list. It makes nothing; what runs costs stands in status.
With --json: {environment, currency, monthly, hourly, weekend, lines: [{what, kind, monthly, hourly, weekend, source, asOf, shared}], unknown}.`;
  static override examples = ['<%= config.bin %> cost --env prod', '<%= config.bin %> cost --env prod --json | jq .monthly'];

  async run(): Promise<CostResult> {
    const { flags } = await this.parse(Cost);
    const result = await cost(this.context(flags));
    this.show(costText(result, this.io));
    return result;
  }
}
