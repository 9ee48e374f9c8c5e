import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { ExitCode } from '../errors/entry.ts';
import { render, renderStream, type RenderResult } from '../operations/render/render.ts';
import { checkTalk, checkText, renderText, streamText } from '../views/render.ts';

export default class Render extends BaseCommand {
  static override summary = 'Write every file that an environment is made of.';
  static override description = `The same definition gives the same bytes. Folders under objects/ sort in the order of applying; helm/releases.yaml lists charts.

--check changes nothing: it prints what rendering would change, and exits 6 when that is something.

With --json: {environment, folder, files: [{path, system}], differences: [{path, is: added|changed|removed, diff}]}; with --stdout {environment, files: [{path, system, owner, text}]}.`;
  static override examples = [
    '<%= config.bin %> render --env prod',
    '<%= config.bin %> render --env staging --out deploy/staging --check',
    '<%= config.bin %> render --env prod --only dapr,strimzi --stdout | kubectl apply --server-side -f -',
  ];
  static override flags = {
    only: Flags.string({ multiple: true, delimiter: ',', helpValue: 'SYSTEM', summary: 'Only these systems, or Helm releases, comma-separated.' }),
    out: Flags.string({ helpValue: 'DIR', summary: 'Folder to write to; rendered/ENVIRONMENT when left out.' }),
    stdout: Flags.boolean({ exclusive: ['out', 'check'], summary: 'Print the objects as one stream instead.' }),
    check: Flags.boolean({ summary: 'Compare with the folder; exit 6 when it is different.' }),
  };

  async run(): Promise<RenderResult | Awaited<ReturnType<typeof renderStream>>> {
    const { flags } = await this.parse(Render);
    const context = this.context(flags);
    const only = flags.only ?? [];
    if (flags.stdout) {
      const stream = await renderStream(context, only);
      this.show(streamText(stream.files));
      return stream;
    }
    const result = await render(context, { only, out: flags.out, check: flags.check });
    this.show((flags.check ? checkText : renderText)(result, context.cwd, this.io));
    if (flags.check && result.differences.length > 0) {
      this.io.stderr.write(checkTalk(result, context.cwd));
      process.exitCode = ExitCode.difference;
    }
    return result;
  }
}
