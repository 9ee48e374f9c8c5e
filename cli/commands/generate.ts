import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import type { Made, MadeFile } from '../operations/generate/files.ts';
import { generateKind, KINDS, writeKind } from '../operations/generate/kind.ts';
import { filesText, madeText } from '../views/generate.ts';

export default class Generate extends BaseCommand {
  static override summary = 'Make one thing from todoctl.yaml, on its own.';
  static override description = `Prints; with --out it writes, and never over a file that todoctl did not make. todoctl generate service and todoctl generate topic add to todoctl.yaml itself.

With --json: {files: [{path, text}]}, and with --out {root, files: [{path, is: made|changed|unchanged}]}.`;
  static override examples = [
    '<%= config.bin %> generate component pubsub --env prod',
    '<%= config.bin %> generate terraform --env prod --out infrastructure',
    '<%= config.bin %> generate workflow --out .',
    '<%= config.bin %> generate diagram',
  ];
  static override args = {
    kind: Args.string({ required: true, ignoreStdin: true, options: [...KINDS], description: 'component (of Dapr: all, or the one that is named), chart (of Helm, with the values of the environment), workflow (of GitHub Actions), terraform, compose, kustomize (base and overlays of all clusters) or diagram (Mermaid).' }),
    name: Args.string({ ignoreStdin: true, description: 'Of components, which.' }),
  };
  static override flags = { out: Flags.string({ helpValue: 'DIR', summary: 'Folder to write to.' }) };

  async run(): Promise<Made | { files: MadeFile[] }> {
    const { args, flags } = await this.parse(Generate);
    const context = this.context(flags);
    const wanted = { kind: args.kind as (typeof KINDS)[number], name: args.name };
    if (flags.out !== undefined) {
      const made = await writeKind(context, wanted, flags.out);
      this.show(madeText(made, `git status shows what is new in ${flags.out}`, this.io));
      return made;
    }
    const files = await generateKind(context, wanted);
    this.show(filesText(files));
    return { files };
  }
}
