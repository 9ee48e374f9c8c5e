// Logs of a cluster: which pods, which container, in which order, and what follows.
import { describe, expect, test } from 'vitest';
import { clusterLogs } from '../../../../cli/targets/cluster/logs.ts';
import type { LogLine, LogSelection } from '../../../../cli/targets/target.ts';
import { refusal } from '../../../support/definition.ts';
import { until } from '../../../support/until.ts';
import { ClusterApi } from './cluster-api.ts';

const LABELS = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'staging' };
const MARKS = { namespace: 'todo', labels: LABELS };
const labels = (service: string): Record<string, string> => ({ ...LABELS, 'app.kubernetes.io/name': service });
const never = new AbortController().signal;
const selection = (more: Partial<LogSelection> = {}): LogSelection => ({ names: [], follow: false, tail: 100, ...more });
const at = (second: number, text: string): string => `2026-11-21T20:00:${String(second).padStart(2, '0')}.5Z ${text}\n`;

/** Two services, three pods, a line each second in turn. */
function platform(): ClusterApi {
  const api = new ClusterApi();
  api.pods = [{ name: 'task-api-a', labels: labels('task-api') }, { name: 'task-api-b', labels: labels('task-api') }, { name: 'audit-a', labels: labels('audit') }, { name: 'stranger', labels: {} }];
  const logs: Record<string, string> = { 'task-api-a': at(1, 'a1') + at(4, 'a4'), 'task-api-b': at(2, 'b2') + at(5, 'b5'), 'audit-a': at(3, 'u3') };
  api.log = (pod, query, response) => void response.end(query.get('container') === 'app' ? logs[pod] : at(9, `sidecar of ${pod}`));
  return api;
}

async function all(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const got: string[] = [];
  for await (const { process, text } of lines) got.push(`${process} ${text}`);
  return got;
}

describe('what was logged', () => {
  test('is merged by time over all pods of the platform, and of nobody else', async () => {
    const lines = clusterLogs(await platform().open(), MARKS, selection(), never);
    expect(await all(lines)).toEqual(['task-api-a a1', 'task-api-b b2', 'audit-a u3', 'task-api-a a4', 'task-api-b b5']);
  });

  test.each([
    [{ names: ['task-api'] }, ['task-api-a a1', 'task-api-b b2', 'task-api-a a4', 'task-api-b b5']],
    [{ names: ['task-api-b', 'audit'] }, ['task-api-b b2', 'audit-a u3', 'task-api-b b5']],
    [{ tail: 2 }, ['task-api-a a4', 'task-api-b b5']],
    [{ tail: 0 }, []],
    [{ names: ['audit'], sidecar: true }, ['audit-a sidecar of audit-a']],
  ])('of %o', async (more, expected) => {
    expect(await all(clusterLogs(await platform().open(), MARKS, selection(more), never))).toEqual(expected);
  });

  test('is asked for as the kubelet wants it', async () => {
    const api = platform();
    const kubernetes = await api.open();
    await all(clusterLogs(kubernetes, MARKS, selection({ names: ['audit'], tail: 7 }), never));
    await all(clusterLogs(kubernetes, MARKS, selection({ names: ['audit'], since: 59.2, previous: true, follow: true }), never));
    expect(api.asked.filter((path) => path.includes('/log'))).toEqual([
      '/api/v1/namespaces/todo/pods/audit-a/log?container=app&timestamps=true&tailLines=7',
      '/api/v1/namespaces/todo/pods/audit-a/log?container=app&timestamps=true&sinceSeconds=60&previous=true',
    ]);
  });

  test('of a pod that has not begun is nothing', async () => {
    const api = platform();
    const { log } = api;
    api.log = (pod, query, response) => (pod === 'audit-a' ? void response.writeHead(400).end('{}') : log(pod, query, response));
    expect(await all(clusterLogs(await api.open(), MARKS, selection({ tail: 1 }), never))).toEqual(['task-api-b b5']);
  });
});

describe('what is refused', () => {
  test('a name that no pod has, with the nearest', async () => {
    expect(await refusal(all(clusterLogs(await platform().open(), MARKS, selection({ names: ['task-apj'] }), never)))).toMatchObject({
      code: 'TODOCTL_UNKNOWN_PROCESS', exit: 2, next: ['Did you mean task-api?'], details: ['there are audit, task-api'],
    });
  });

  test('nothing there', async () => {
    expect(await refusal(all(clusterLogs(await new ClusterApi().open(), MARKS, selection(), never)))).toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
  });

  test.each([['pods', 'read /api/v1/namespaces/todo/pods'], ['log', 'read logs of pods']])('no right to read %s', async (kind, what) => {
    const api = platform();
    api.forbidden.add(kind);
    expect(await refusal(all(clusterLogs(await api.open(), MARKS, selection(), never)))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', exit: 4, message: expect.stringContaining(what) as unknown });
  });
});

describe('following', () => {
  /** Follows until `count` lines came. */
  async function follow(api: ClusterApi, count: number, more: Partial<LogSelection> = {}, seen: string[] = []): Promise<string[]> {
    const stop = new AbortController();
    for await (const { process, text } of clusterLogs(await api.open(), MARKS, selection({ ...more, follow: true }), stop.signal)) {
      seen.push(`${process} ${text}`);
      if (seen.length === count) stop.abort();
    }
    return seen;
  }

  test('goes on after the last lines, and repeats none of them', async () => {
    const api = platform();
    api.pods = api.pods.slice(0, 1);
    api.log = (_pod, query, response) => {
      if (!query.has('follow')) return void response.end(at(1, 'old') + at(4, 'last'));
      expect(query.get('sinceTime')).toBe('2026-11-21T20:00:04Z');
      response.write(at(4, 'last') + at(4, 'in the same moment') + at(6, 'new'));
    };
    expect(await follow(api, 4)).toEqual(['task-api-a old', 'task-api-a last', 'task-api-a in the same moment', 'task-api-a new']);
  });

  test('a stream that ends is taken up where it was', async () => {
    const api = platform();
    api.pods = api.pods.slice(0, 1);
    let streams = 0;
    api.log = (_pod, query, response) => {
      if (!query.has('follow')) return void response.end('');
      if (++streams === 1) response.end(at(1, 'before') + at(2, 'then'));
      else response.write(at(2, 'then') + at(3, 'after the restart'));
    };
    expect(await follow(api, 3)).toEqual(['task-api-a before', 'task-api-a then', 'task-api-a after the restart']);
  });

  test('takes in pods that come later, those of the chosen services', async () => {
    const api = platform();
    api.pods = api.pods.slice(0, 1);
    api.log = (pod, query, response) => void (query.has('follow') ? response.write(at(1, `from ${pod}`)) : response.end(''));
    const seen: string[] = [];
    const following = follow(api, 2, { names: ['task-api'] }, seen);
    await until('the watch is open', () => api.asked.some((path) => path.includes('watch=1')));
    api.add({ name: 'audit-new', labels: labels('audit') });
    api.add({ name: 'task-api-new', labels: labels('task-api') });
    expect((await following).sort()).toEqual(['task-api-a from task-api-a', 'task-api-new from task-api-new']);
    expect(api.asked.some((path) => path.includes('audit-new'))).toBe(false);
  });

  test('a pod that is gone is no longer asked', async () => {
    const api = platform();
    api.pods = api.pods.slice(0, 2);
    const closed = Promise.withResolvers<void>();
    api.log = (pod, query, response) => {
      if (!query.has('follow')) return void response.end('');
      if (pod === 'task-api-b') response.on('close', closed.resolve);
      response.write(at(1, 'here'));
    };
    const stop = new AbortController();
    const lines = clusterLogs(await api.open(), MARKS, selection({ follow: true }), stop.signal)[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    await until('the watch is open', () => api.asked.some((path) => path.includes('watch=1')));
    api.remove('task-api-b');
    await closed.promise;
    stop.abort();
    expect(await lines.next()).toMatchObject({ done: true });
  });

  test('waits for whoever prints: no more than a thousand lines wait', async () => {
    const api = platform();
    api.pods = api.pods.slice(0, 1);
    const total = 5000;
    api.log = (_pod, query, response) => void (query.has('follow') ? response.write(Array.from({ length: total }, (_, index) => at(1, String(index))).join('')) : response.end(''));
    const seen = await follow(api, total);
    expect(seen.map((line) => Number(line.split(' ')[1]))).toEqual(Array.from({ length: total }, (_, index) => index));
  });

  test('ends with Ctrl-C though nothing comes', async () => {
    const api = platform();
    api.log = (_pod, query, response) => void (query.has('follow') ? response.write('') : response.end(''));
    const stop = new AbortController();
    const kubernetes = await api.open();
    const ended = all(clusterLogs(kubernetes, MARKS, selection({ follow: true }), stop.signal));
    await until('all are followed', () => api.asked.filter((path) => path.includes('follow')).length === 3);
    stop.abort();
    expect(await ended).toEqual([]);
  });
});
