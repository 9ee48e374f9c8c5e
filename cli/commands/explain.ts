import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { type ErrorList, explain, type Explanation, listErrors } from '../operations/explain.ts';
import { errorListText, explanationText } from '../views/explain.ts';

export default class Explain extends BaseCommand {
  static override summary = 'Say what an error code means, why it happens and what to do.';
  static override description = `Without a code, all codes are listed with their exit codes.

With --json: {code, title, why, next[], exit, exitMeaning}, or {errors: [{code, title, exit}]}.`;
  static override examples = [
    '<%= config.bin %> explain TODOCTL_ROUTE_TAKEN',
    '<%= config.bin %> explain route_taken',
    '<%= config.bin %> explain --json',
  ];
  static override args = {
    code: Args.string({ description: 'Code of an error; TODOCTL_ in front may be left out.', ignoreStdin: true }),
  };

  async run(): Promise<Explanation | ErrorList> {
    const { args } = await this.parse(Explain);
    if (args.code === undefined) {
      const list = listErrors();
      this.show(errorListText(list, this.io));
      return list;
    }
    const explanation = explain(args.code);
    this.show(explanationText(explanation, this.io));
    return explanation;
  }
}
