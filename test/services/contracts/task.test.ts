import { describe, expect, test } from 'vitest';
import { cloudEventSchema } from '../../../services/contracts/cloud-event.ts';
import { EVENT_DATA } from '../../../services/contracts/events.ts';
import { deadLetterTopic, deliveryPath, EVENT_TYPES, TOPICS } from '../../../services/contracts/names.ts';
import { dueSchema, PRIORITIES, taskSchema, type Task } from '../../../services/contracts/task.ts';
import { sample } from './samples.ts';

const TASK: Task = {
  id: '01987c3e-6f1a-7c40-9d0b-5a1f6f5b9c11',
  title: 'Water the plants',
  description: '',
  priority: 'medium',
  tags: [],
  due: { at: '2026-11-24T09:00', zone: 'Europe/Zurich' },
  recurrence: 'FREQ=DAILY',
  completed: false,
  created_at: '2026-11-21T10:00:00.000Z',
  updated_at: '2026-11-21T10:00:00.000Z',
  owner: 'ada',
  version: 1,
};

describe('a task on the wire', () => {
  test('is what it is, with a due date and a rule or without', () => {
    expect(taskSchema.parse(TASK)).toEqual(TASK);
    expect(taskSchema.parse({ ...TASK, due: null, recurrence: null })).toEqual({ ...TASK, due: null, recurrence: null });
  });

  test.each(Object.keys(TASK))('is none without its %s: no consumer has to guess', (field) => {
    expect(taskSchema.safeParse({ ...TASK, [field]: undefined }).success).toBe(false);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an empty id', { id: '' }],
    ['an unknown priority', { priority: 'urgent' }],
    ['a tag that is no text', { tags: [1] }],
    ['a due date without a zone', { due: { at: '2026-11-24T09:00' } }],
    ['a due date that is a text', { due: '2026-11-24' }],
    ['a time that is not in UTC', { created_at: '2026-11-21T10:00:00+01:00' }],
    ['a day for a time', { updated_at: '2026-11-21' }],
    ['no owner', { owner: '' }],
    ['version 0', { version: 0 }],
    ['half a version', { version: 1.5 }],
    ['a version beyond what a number holds', { version: 2 ** 53 }],
    ['a completed that is a text', { completed: 'true' }],
  ])('is none with %s', (_what, wrong) => {
    expect(taskSchema.safeParse({ ...TASK, ...wrong }).success).toBe(false);
  });

  test('has one of three priorities', () => {
    expect(PRIORITIES.every((priority) => taskSchema.safeParse({ ...TASK, priority }).success)).toBe(true);
  });

  test('loses what a later version adds, and nothing else', () => {
    expect(taskSchema.parse({ ...TASK, colour: 'red', due: { ...TASK.due, place: 'home' } })).toEqual(TASK);
    expect(dueSchema.safeParse({ at: '', zone: 'UTC' }).success).toBe(false);
  });
});

describe('an envelope', () => {
  const envelope = sample('task.created.v1') as Record<string, unknown>;

  test.each(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'partitionkey'])('is none without %s', (attribute) => {
    expect(cloudEventSchema.safeParse({ ...envelope, [attribute]: undefined }).success).toBe(false);
  });

  test.each<[string, Record<string, unknown>]>([
    ['of another version of CloudEvents', { specversion: '0.3' }],
    ['of another content type', { datacontenttype: 'text/plain' }],
    ['with an empty id', { id: '' }],
    ['with a number for an id', { id: 7 }],
    ['with a time that is none', { time: 'yesterday' }],
    ['with an empty key: its order would be anybody’s', { partitionkey: '' }],
  ])('is none %s', (_what, wrong) => {
    expect(cloudEventSchema.safeParse({ ...envelope, ...wrong }).success).toBe(false);
  });

  test('may come without a trace, from another zone, and with what Dapr adds', () => {
    expect(cloudEventSchema.safeParse({ ...envelope, traceparent: undefined }).success).toBe(true);
    expect(cloudEventSchema.safeParse({ ...envelope, time: '2026-11-21T10:00:00+01:00', topic: 'task-events', pubsubname: 'pubsub', traceid: 'x' }).success).toBe(true);
  });
});

describe('the names', () => {
  test('of types say their major version last, and no two differ in that alone', () => {
    for (const type of EVENT_TYPES) expect(type).toMatch(/^task(\.[a-z]+)+\.v[1-9]\d*$/);
    const stems = EVENT_TYPES.map((type) => type.replace(/\.v\d+$/, ''));
    expect(new Set(stems).size).toBe(stems.length);
  });

  test('of topics can be topics of Kafka, their dead letters too, and paths as they are', () => {
    for (const topic of Object.keys(TOPICS)) {
      for (const name of [topic, deadLetterTopic(topic)]) expect(name).toMatch(/^[a-z][a-z0-9.-]{0,248}$/);
      expect(new URL(deliveryPath(topic), 'http://x').pathname).toBe(`/events/${topic}`);
    }
  });
});

describe('the data of an event', () => {
  const data = (type: (typeof EVENT_TYPES)[number]) => (sample(type) as { data: Record<string, unknown> }).data;

  test('of an update must say what changed; of the others it may be left out', () => {
    expect(EVENT_DATA['task.updated.v1'].safeParse({ ...data('task.updated.v1'), changes: undefined }).success).toBe(false);
    expect(EVENT_DATA['task.created.v1'].safeParse({ ...data('task.created.v1'), changes: undefined }).success).toBe(true);
  });

  test.each(EVENT_TYPES)('of %s is none with a task id that is no text, nor with nothing', (type) => {
    for (const wrong of [{ ...data(type), task_id: 7 }, { ...data(type), task_id: '' }, null, [], 'text', {}]) expect(EVENT_DATA[type].safeParse(wrong).success).toBe(false);
  });

  test('of a change must have a position: a client resumes from it', () => {
    for (const position of ['', undefined, 7]) expect(EVENT_DATA['task.changed.v1'].safeParse({ ...data('task.changed.v1'), position }).success).toBe(false);
  });
});
