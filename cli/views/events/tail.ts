import type { Io } from '../../io/io.ts';
import type { Span, Start } from '../../operations/events/starts.ts';
import type { TailResult, TailTalk } from '../../operations/events/tail.ts';
import { palette } from '../../ui/palette.ts';
import { count } from './count.ts';

/** One line of talk for stderr. */
export function tailTalkText(talk: TailTalk, io: Pick<Io, 'colour'>): string {
  const { dim, warn } = palette(io);
  switch (talk.kind) {
    case 'reading':
      return `${dim(readingText(talk))}\n`;
    case 'found':
      return `${dim(`Found ${talk.topic}/${talk.partition}, made meanwhile; reading it from its beginning`)}\n`;
    case 'lost':
      return `${warn(`Lost the broker (${talk.why}); trying again`)}\n`;
    case 'back':
      return `${dim('The broker is back; going on where reading stopped')}\n`;
    case 'skipped':
      return `${warn(skippedText(talk))}\n`;
  }
}

function readingText({ where, spans, topics, start, until, follow }: Extract<TailTalk, { kind: 'reading' }>): string {
  if (spans.length === 0) return `No topic matches ${topics.join(', ')} ${follow ? 'yet; waiting for one' : ''}`.trimEnd();
  const verb = follow ? 'Following' : 'Reading';
  const stop = until === undefined ? (follow ? 'Ctrl-C ends' : 'to the end') : `until ${new Date(until).toISOString()}`;
  return `${verb} ${placesText(spans)} of Kafka at ${where} ${startText(start, spans)}; ${stop}`;
}

/** `task-events (partitions 0-2) and reminders (partition 1)` */
function placesText(spans: readonly Span[]): string {
  const byTopic = Map.groupBy(spans, ({ topic }) => topic);
  const places = [...byTopic].map(([topic, of]) => {
    const numbers = of.map(({ partition }) => partition);
    return `${topic} (${numbers.length === 1 ? 'partition' : 'partitions'} ${ranges(numbers)})`;
  });
  const last = places.pop() ?? '';
  return places.length === 0 ? last : `${places.join(', ')} and ${last}`;
}

function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

function startText(start: Start, spans: readonly Span[]): string {
  const offsets = spans.map(({ partition, offset }) => `${partition}@${offset}`).join(' ');
  switch (start.at) {
    case 'beginning':
      return 'from the beginning';
    case 'end':
      return 'from the end';
    case 'last':
      return `from the last ${start.count} on`;
    case 'offset':
      return `from offset ${start.offset} (${offsets})`;
    case 'time':
      return `since ${new Date(start.time).toISOString()} (${offsets})`;
  }
}

function skippedText({ topic, partition, from, to }: Extract<TailTalk, { kind: 'skipped' }>): string {
  if (to > from) return `${topic}/${partition}: offsets ${from} to ${to - 1} are gone (retention took them); going on at ${to}`;
  return `${topic}/${partition}: offset ${from} does not exist any more (the topic was made anew); going on at ${to}`;
}

/** The last line of talk: how many events were seen, and why it ended. */
export function tailEndText({ seen, ended }: TailResult, io: Pick<Io, 'colour'>): string {
  const why = { end: 'the end', limit: 'the limit', until: 'the time of --until', interrupted: 'you stopped it', closed: 'the reader of the output ended' }[ended];
  return `${palette(io).dim(`${count(seen, 'event')} seen; ended: ${why}`)}\n`;
}
