import type { Io } from '../../io/io.ts';
import type { Published } from '../../operations/events/publish.ts';
import { palette } from '../../ui/palette.ts';

/** Where the event went. */
export function publishedText({ topic, partition, offset, key, id, type }: Published, io: Pick<Io, 'colour'>): string {
  const { good, code, dim } = palette(io);
  return `${good('Published')} ${code(type)} to ${topic}/${partition}@${offset} ${dim(`id ${id}, ${key === null ? 'no key' : `key ${key}`}`)}\n`;
}
