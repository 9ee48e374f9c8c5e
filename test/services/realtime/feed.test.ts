import { describe, expect, test } from 'vitest';
import type { InvokeOptions } from '../../../services/kit/dapr.ts';
import { newTrace } from '../../../services/kit/trace.ts';
import { changeFeed, forwardedIdentity } from '../../../services/realtime/feed.ts';
import { sample } from '../contracts/samples.ts';

describe('who task-api is told that the user is', () => {
  const query = (text = '') => new URLSearchParams(text);

  test('on a laptop: by name, and without a token that came along', () => {
    expect(forwardedIdentity('local', 'ada', { authorization: 'Bearer x' }, query('access_token=y'))).toEqual({ 'x-user-id': 'ada' });
  });

  test('elsewhere: by the token that opened the socket, and never by name', () => {
    expect(forwardedIdentity('jwt', 'ada', { authorization: 'Bearer x', 'x-user-id': 'bob' }, query())).toEqual({ authorization: 'Bearer x' });
    expect(forwardedIdentity('jwt', 'ada', {}, query('access_token=y&user=bob'))).toEqual({ authorization: 'Bearer y' });
  });

  test('by the header, when both are there: it is what was checked', () => {
    expect(forwardedIdentity('jwt', 'ada', { authorization: 'Bearer x' }, query('access_token=y'))).toEqual({ authorization: 'Bearer x' });
  });
});

describe('a page of the feed', () => {
  const { data } = sample('task.changed.v1') as { data: object };
  const trace = newTrace();
  function asking(answer: unknown) {
    const asked: { appId: string; path: string; options: InvokeOptions | undefined }[] = [];
    const read = changeFeed(
      {
        invoke: async (appId, path, options) => {
          asked.push({ appId, path, options });
          return answer;
        },
      },
      { 'x-user-id': 'ada' },
      trace,
    );
    return { asked, read };
  }

  test('is asked of task-api as that user, in the trace of the socket', async () => {
    const { asked, read } = asking({ changes: [data], position: '7-3', more: true });
    expect(await read('7-1')).toEqual({ changes: [data], position: '7-3', more: true });
    expect(asked).toEqual([{ appId: 'task-api', path: '/api/changes?after=7-1&limit=200', options: { headers: { 'x-user-id': 'ada' }, trace } }]);
  });

  test('has its position quoted, whatever it is', async () => {
    const { asked, read } = asking({ changes: [], position: '7-3', more: false });
    await read('a&limit=1 b');
    expect(asked[0]?.path).toBe('/api/changes?after=a%26limit%3D1+b&limit=200');
  });

  test.each([null, 'text', [], {}, { changes: [], position: '7-3' }, { changes: [{}], position: '7-3', more: false }, { changes: [], position: 7, more: false }])('that is %j is no page, and nothing of it is used', async (answer) => {
    await expect(asking(answer).read('7-1')).rejects.toThrow();
  });

  test('loses what a later version of task-api adds', async () => {
    expect(await asking({ changes: [{ ...data, later: 1 }], position: '7-3', more: false, total: 9 }).read('7-1')).toEqual({ changes: [data], position: '7-3', more: false });
  });
});
