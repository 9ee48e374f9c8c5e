import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type EventFormat, jsonFormat, prettyFormat } from '../../ui/event-line.ts';
import { templateFormat } from '../../ui/event-template.ts';

const NAMED = ['pretty', 'json', 'raw'];

/** What a format name or a template stands for; `raw` is bytes and needs no text. Throws TODOCTL_FORMAT_SYNTAX. */
export function formatOf(name: string, io: { colour: boolean; stdoutIsTty: boolean }): EventFormat | 'raw' {
  if (name === 'raw') return 'raw';
  if (name === 'json') return jsonFormat;
  if (name === 'pretty') return prettyFormat(io);
  if (name.includes('%')) return templateFormat(name, io);
  const near = nearest(name, NAMED);
  throw new TodoctlError('TODOCTL_FORMAT_SYNTAX', {
    message: `--format ${name} is neither ${NAMED.join(', ')} nor a template with a %-field${near ? `. Did you mean ${near}?` : ''}`,
  });
}
