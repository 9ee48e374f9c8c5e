import { TOPICS } from '../../../services/contracts/names.ts';

/** What the record key of a topic is, on the platform's own topics. A dead-letter topic is keyed as the one that it belongs to. */
export function keyKind(topic: string): 'task' | 'user' | undefined {
  const source = topic.replace(/\.dlq$/, '');
  return Object.hasOwn(TOPICS, source) ? TOPICS[source as keyof typeof TOPICS].key : undefined;
}
