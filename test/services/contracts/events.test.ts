import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cloudEventSchema } from '../../../services/contracts/cloud-event.ts';
import { EVENT_DATA, TOPIC_OF } from '../../../services/contracts/events.ts';
import { EVENT_TYPES, TOPICS, type EventType } from '../../../services/contracts/names.ts';
import { sample, sampleNames } from './samples.ts';

describe('the event types', () => {
  test('each has a schema, a topic and a stored sample', () => {
    const types = [...EVENT_TYPES].sort();
    expect(Object.keys(EVENT_DATA).sort()).toEqual(types);
    expect(Object.keys(TOPIC_OF).sort()).toEqual(types);
    expect(sampleNames()).toEqual(types);
  });

  test('each is carried by a topic that there is', () => {
    for (const topic of Object.values(TOPIC_OF)) expect(Object.keys(TOPICS)).toContain(topic);
  });

  test('the topics and their keys are those of todoctl.yaml', () => {
    const definition = parse(readFileSync('todoctl.yaml', 'utf8')) as { topics: Record<string, { key: string }> };
    const declared = Object.entries(definition.topics).map(([name, topic]) => [name, { key: topic.key }]);
    expect(Object.fromEntries(declared)).toEqual(TOPICS);
  });
});

describe.each(EVENT_TYPES)('the sample of %s', (type) => {
  test('is a CloudEvent whose data its schema holds without loss', () => {
    const envelope = cloudEventSchema.parse(sample(type));
    expect(envelope.type).toBe(type);
    expect(EVENT_DATA[type].parse(envelope.data)).toEqual(envelope.data);
  });

  test('is keyed as its topic declares', () => {
    const envelope = cloudEventSchema.parse(sample(type));
    const key = TOPICS[TOPIC_OF[type]].key;
    const data = envelope.data as { task_id: string; user_id: string };
    expect(envelope.partitionkey).toBe(key === 'task' ? data.task_id : data.user_id);
    expect(envelope.subject).toBe(data.task_id);
  });

  test('still reads when a later version of the platform has added a field', () => {
    const { data } = cloudEventSchema.parse(sample(type));
    expect(EVENT_DATA[type].parse({ ...(data as object), added_later: true })).toEqual(data);
  });

  test('does not read without what its consumers need', () => {
    const { data } = cloudEventSchema.parse(sample(type));
    const without = { ...(data as Record<string, unknown>), user_id: undefined };
    expect(EVENT_DATA[type].safeParse(without).success).toBe(false);
  });
});

test('one action never passes for another', () => {
  const { data } = cloudEventSchema.parse(sample('task.deleted.v1'));
  const others: EventType[] = ['task.created.v1', 'task.updated.v1', 'task.completed.v1'];
  for (const type of others) expect(EVENT_DATA[type].safeParse(data).success).toBe(false);
});
