import { describe, expect, test, vi } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { tail } from '../../../../cli/operations/events/tail.ts';
import { tailEndText, tailTalkText } from '../../../../cli/views/events/tail.ts';
import { ScriptedCluster } from '../../kafka/scripted-broker.ts';
import { stageOn, tailed } from './stage.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const cloudEvent = (type: string, data: object): string => JSON.stringify({ specversion: '1.0', id: 'e', source: 's', type, data });

function kafkaWithEvents(): ScriptedCluster {
  const kafka = new ScriptedCluster().topic('task-events', [1, 1, 1]).topic('reminders', [1]).topic('__consumer_offsets', [1]);
  kafka.append('task-events', 0, [cloudEvent('task.created.v1', { title: 'milk', priority: 'high' })], { timestamp: 1000, key: 't1' });
  kafka.append('task-events', 1, [cloudEvent('task.created.v1', { title: 'bread', priority: 'low' })], { timestamp: 2000, key: 't2' });
  kafka.append('task-events', 0, [cloudEvent('task.completed.v1', { title: 'milk', priority: 'high' })], { timestamp: 3000, key: 't1' });
  kafka.append('reminders', 0, [null], { timestamp: 4000, key: 't2' });
  return kafka;
}

const refusal = async (asked: Promise<unknown>): Promise<TodoctlError> => {
  const error = await asked.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(TodoctlError);
  return error as TodoctlError;
};

describe('the whole output', () => {
  test('pretty, to the end', async () => {
    const { stdout, stderr } = await tailed(kafkaWithEvents().access, { format: 'pretty', partition: 0 });
    expect(stdout.replaceAll(/^\S+ \S+/gm, 'TIME')).toMatchInlineSnapshot(`
      "TIME  task-events/0@0  task.created.v1  t1  {"title":"milk","priority":"high"}
      TIME  task-events/0@1  task.completed.v1  t1  {"title":"milk","priority":"high"}
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "Reading task-events (partition 0) of Kafka at test (scripted) from the beginning; to the end
      2 events seen; ended: the end
      "
    `);
  });

  test('json, one object per line', async () => {
    const { stdout } = await tailed(kafkaWithEvents().access, { topics: ['reminders'], format: 'json' });
    expect(stdout).toMatchInlineSnapshot(`
      "{"topic":"reminders","partition":0,"offset":0,"timestamp":"1970-01-01T00:00:04.000Z","key":"t2","headers":{},"kind":"tombstone","value":null}
      "
    `);
  });

  test('raw, the bytes of values', async () => {
    const { stdout } = await tailed(kafkaWithEvents().access, { partition: 1, format: 'raw' });
    expect(stdout).toBe(`${cloudEvent('task.created.v1', { title: 'bread', priority: 'low' })}\n`);
  });

  test('several topics and globs; Kafka’s own topics are never meant', async () => {
    const { stdout, stderr } = await tailed(kafkaWithEvents().access, { topics: ['*'], format: '%t' });
    expect(stdout.split('\n').sort()).toEqual(['', 'reminders', 'task-events', 'task-events', 'task-events']);
    expect(stderr).toContain('Reading task-events (partitions 0-2) and reminders (partition 0) of Kafka');
  });

  test('the last N, over all partitions, by time', async () => {
    const { stdout, stderr } = await tailed(kafkaWithEvents().access, { last: 2, format: '%t/%p@%o' });
    expect(stdout).toBe('task-events/1@0\ntask-events/0@1\n');
    expect(stderr).toContain('from the last 2 on; to the end\n2 events seen; ended: the end\n');
  });
});

describe('what is chosen', () => {
  const chosen = async (flags: Parameters<typeof tailed>[1]): Promise<string[]> => {
    const { stdout } = await tailed(kafkaWithEvents().access, { format: '%t/%p@%o', ...flags }, { now: NOW });
    return stdout.split('\n').filter(Boolean).sort();
  };

  test.each([
    ['--key', { key: 't1' }, ['task-events/0@0', 'task-events/0@1']],
    ['--type', { type: '*.completed.*' }, ['task-events/0@1']],
    ['--where', { where: 'data.priority=low' }, ['task-events/1@0']],
    ['all of them together', { key: 't1', type: 'task.created.*', where: 'data.priority=high' }, ['task-events/0@0']],
    ['--last with a filter counts what passes it', { last: 1, where: 'data.priority=low' }, ['task-events/1@0']],
    ['--since', { since: '1970-01-01T00:00:02Z' }, ['task-events/0@1', 'task-events/1@0']],
    ['--until', { until: '1970-01-01T00:00:02Z' }, ['task-events/0@0']],
    ['--since and --until', { since: '1970-01-01T00:00:01.500Z', until: '1970-01-01T00:00:02.500Z' }, ['task-events/1@0']],
    ['--from OFFSET, in each partition', { from: '1' }, ['task-events/0@1']],
    ['--from an offset that is not there yet', { from: '100' }, []],
    ['--from end', { from: 'end' }, []],
    ['--last 0', { last: 0 }, []],
    ['--limit', { limit: 1, partition: 0 }, ['task-events/0@0']],
    ['--limit 0', { limit: 0 }, []],
  ])('%s', async (_, flags, expected) => {
    expect(await chosen(flags)).toEqual(expected);
  });
});

test('a limit in the middle of a batch is exact', async () => {
  const kafka = new ScriptedCluster().topic('task-events', [1]);
  kafka.append('task-events', 0, ['a', 'b', 'c', 'd']);
  const { stdout, result } = await tailed(kafka.access, { limit: 2, format: 'raw' });
  expect(stdout).toBe('a\nb\n');
  expect(result).toEqual({ seen: 2, ended: 'limit' });
});

describe('following', () => {
  test('shows the last ten, then what comes, and says how many were seen when it is stopped', async () => {
    const kafka = new ScriptedCluster().topic('task-events', [1]);
    for (let number = 0; number < 12; number++) kafka.append('task-events', 0, [`e${number}`]);
    const { context, printed, stop } = stageOn(kafka.access);
    let stderr = '';
    const following = tail(context, { topics: ['task-events'], follow: true, format: '%v' }, (talk) => (stderr += tailTalkText(talk, context.io)));
    await vi.waitFor(() => expect(printed()).toBe('e2\ne3\ne4\ne5\ne6\ne7\ne8\ne9\ne10\ne11\n'));
    kafka.append('task-events', 0, ['new']);
    await vi.waitFor(() => expect(printed()).toMatch(/e11\nnew\n$/));
    stop.abort();
    const result = await following;
    expect(stderr + tailEndText(result, context.io)).toMatchInlineSnapshot(`
      "Following task-events (partition 0) of Kafka at test (scripted) from the last 10 on; Ctrl-C ends
      11 events seen; ended: you stopped it
      "
    `);
  });

  test('says what happens to the broker, and goes on', async () => {
    const kafka = new ScriptedCluster().topic('task-events', [1]);
    const { context, printed, stop } = stageOn(kafka.access);
    let stderr = '';
    const following = tail(context, { topics: ['task-events'], follow: true, from: 'beginning', format: '%v' }, (talk) => (stderr += tailTalkText(talk, context.io)));
    kafka.append('task-events', 0, ['before']);
    await vi.waitFor(() => expect(printed()).toBe('before\n'));
    kafka.drop(1);
    kafka.append('task-events', 0, ['after']);
    await vi.waitFor(() => expect(printed()).toBe('before\nafter\n'));
    stop.abort();
    await following;
    expect(stderr).toMatchInlineSnapshot(`
      "Following task-events (partition 0) of Kafka at test (scripted) from the beginning; Ctrl-C ends
      Lost the broker (broker-1.test:9001 closed the connection); trying again
      The broker is back; going on where reading stopped
      "
    `);
  });

  test('ends at the time of --until', async () => {
    const kafka = kafkaWithEvents();
    const { result, stderr } = await tailed(kafka.access, { follow: true, from: 'beginning', until: '2026-11-21T12:00:00.050Z', format: '%o' }, { now: NOW });
    expect(result).toEqual({ seen: 3, ended: 'until' });
    expect(stderr).toContain('until 2026-11-21T12:00:00.050Z\n3 events seen; ended: the time of --until\n');
  });

  test('waits for a topic that a glob will match', async () => {
    const kafka = new ScriptedCluster();
    const { stderr } = await tailed(kafka.access, { topics: ['new-*'], follow: true, until: '2026-11-21T12:00:00.010Z' }, { now: NOW });
    expect(stderr).toContain('No topic matches new-* yet; waiting for one\n');
  });
});

test('a reader that has read enough is no error', async () => {
  const { result } = await tailed(kafkaWithEvents().access, {}, { leavesAfter: 0 });
  expect(result.ended).toBe('closed');
});

test('a run that is stopped before its end says so', async () => {
  const kafka = kafkaWithEvents();
  const { context, stop } = stageOn(kafka.access);
  stop.abort();
  expect(await tail(context, { topics: ['task-events'], follow: false, format: 'raw' }, () => undefined)).toEqual({ seen: 0, ended: 'interrupted' });
});

describe('mistakes', () => {
  test.each([
    ['an unknown topic', { topics: ['task-event'] }, 'TODOCTL_TOPIC_UNKNOWN', 'Kafka at test (scripted) has no topic task-event. Did you mean task-events?'],
    ['a topic that nothing is like', { topics: ['zzz'] }, 'TODOCTL_TOPIC_UNKNOWN', 'Kafka at test (scripted) has no topic zzz'],
    ['an unknown partition', { partition: 9 }, 'TODOCTL_PARTITION_UNKNOWN', 'Topic task-events has no partition 9; it has 0 to 2'],
    ['an unknown format', { format: 'jsn' }, 'TODOCTL_FORMAT_SYNTAX', '--format jsn is neither pretty, json, raw nor a template with a %-field. Did you mean json?'],
    ['a broken --where', { where: 'a=' }, 'TODOCTL_WHERE_SYNTAX', '--where does not parse: a value is wanted after ='],
  ])('%s', async (_, flags, code, message) => {
    expect(await refusal(tailed(kafkaWithEvents().access, flags))).toMatchObject({ code, message });
  });

  test('in flags are found before anything is connected', async () => {
    const kafka = kafkaWithEvents();
    await refusal(tailed(kafka.access, { where: 'a=' }));
    await refusal(tailed(kafka.access, { since: '2027-01-01' }, { now: NOW }));
    expect(kafka.heard).toEqual([]);
  });

  test('the topics that there are are listed, without Kafka’s own', async () => {
    expect((await refusal(tailed(kafkaWithEvents().access, { topics: ['x'] }))).details).toEqual(['There are: reminders, task-events']);
  });

  test('no broker', async () => {
    const kafka = kafkaWithEvents();
    kafka.down.add(1);
    expect((await refusal(tailed(kafka.access, {}))).code).toBe('TODOCTL_KAFKA_UNREACHABLE');
  });
});
