import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { ExitCode } from '../../errors/entry.ts';
import { tail } from '../../operations/events/tail.ts';
import { tailEndText, tailTalkText } from '../../views/events/tail.ts';

export default class EventsTail extends BaseCommand {
  static override summary = 'Print the events of topics as they come.';
  static override description = `Joins no consumer group and changes nothing at the broker. Follows until Ctrl-C (exit 0); --no-follow stops at what is there now.
Following starts with the last 10 events, or at the end when events are filtered; --no-follow starts at the beginning. A topic may be a glob: 'task-*'.
--where compares fields of the JSON value, or @key @topic @partition @offset @header.NAME, by = != ~ (contains) < <= > >=, joined by and, or, not, ( ).
--format takes a template too: %t topic, %p partition, %o offset, %k key, %T time, %h headers, %v value, %v{path} a field of it, %% a percent sign.
With --json: one object per line, {topic, partition, offset, timestamp, key, headers, kind: json|text|binary|tombstone, value}; binary is {base64}.`;
  static override examples = [
    '<%= config.bin %> events tail task-events',
    '<%= config.bin %> events tail task-events --since 10m --where "data.task_data.priority=high and type ~ created"',
    '<%= config.bin %> events tail task-events --key 0198c0de-7e57-7000-8000-000000000001 --from beginning --no-follow',
    '<%= config.bin %> events tail "task-*" reminders --type "task.*" --format "%t %p/%o %k %v{data.task_data.title}"',
    '<%= config.bin %> events tail task-events --no-follow --format raw > events.ndjson',
  ];
  static override strict = false;
  static override args = { topic: Args.string({ required: true, description: 'Topics, by name or glob.', ignoreStdin: true }) };
  static override flags = {
    since: Flags.string({ helpValue: '10m|TIME', summary: 'Start at this time, or this long ago.', exclusive: ['from', 'last'] }),
    until: Flags.string({ helpValue: '5m|TIME', summary: 'Stop at this time, or this long ago.' }),
    from: Flags.string({ helpValue: 'beginning|end|OFFSET', summary: 'Start here in each partition.', exclusive: ['last'] }),
    last: Flags.integer({ char: 'n', min: 0, max: 1_000_000, helpValue: 'N', summary: 'Start with the last N events.' }),
    key: Flags.string({ summary: 'Only events with this record key.' }),
    partition: Flags.integer({ min: 0, helpValue: 'N', summary: 'Only this partition.' }),
    where: Flags.string({ helpValue: 'EXPRESSION', summary: 'Only events that this holds for.' }),
    type: Flags.string({ helpValue: 'GLOB', summary: 'Only CloudEvents of this type.' }),
    limit: Flags.integer({ min: 0, helpValue: 'N', summary: 'Stop after N events.' }),
    follow: Flags.boolean({ allowNo: true, default: true, summary: 'Go on with what comes.' }),
    format: Flags.string({ default: 'pretty', helpValue: 'pretty|json|raw|TEMPLATE', summary: 'How an event is printed.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(EventsTail);
    const options = { ...flags, topics: argv.map(String), format: this.jsonEnabled() ? 'json' : flags.format };
    const result = await tail(this.context(flags), options, (talk) => void this.io.stderr.write(tailTalkText(talk, this.io)));
    this.io.stderr.write(tailEndText(result, this.io));
    // What was meant to end by itself and did not is not whole; a follower is ended no other way.
    if (result.ended === 'interrupted' && !flags.follow) process.exitCode = ExitCode.interrupted;
  }
}
