// Bodies that go on: lines wherever they are cut, and watches that lose their server, their place, or both.
import type http from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kubernetes } from '../../../cli/kubernetes/client.ts';
import { type Change, linesOf, streamLines, watchList } from '../../../cli/kubernetes/stream.ts';
import { refusal } from '../../support/definition.ts';
import { apiServerThat } from './forwarding-server.ts';

interface Thing {
  name: string;
}
type Script = (url: URL, response: http.ServerResponse, asked: number) => void;

const never = new AbortController().signal;
const serving = (script: Script): Promise<Kubernetes> => {
  let asked = 0;
  return apiServerThat({ request: (request, response) => script(new URL(request.url ?? '', 'http://x'), response, asked++) });
};
const list = (response: http.ServerResponse, version: string, ...names: string[]): void => void response.end(JSON.stringify({ metadata: { resourceVersion: version }, items: names.map((name) => ({ name })) }));
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const named = (name: string, resourceVersion: string): object => ({ name, metadata: { resourceVersion } });

/** The first `count` changes, in short. */
async function first(kubernetes: Kubernetes, count: number): Promise<string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const change of watchList<Thing>(kubernetes, '/api/v1/things?labelSelector=a%3Db', stop.signal)) {
    seen.push(short(change));
    if (seen.length === count) stop.abort();
  }
  return seen;
}
const short = (change: Change<Thing>): string => (change.type === 'LISTED' ? `LISTED ${change.objects.map(({ name }) => name).join()}` : `${change.type} ${change.object.name}`);

describe('lines', () => {
  test('are the same wherever the bytes are cut, in the middle of a character too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', '')), { maxLength: 10 }), fc.array(fc.nat(), { maxLength: 10 }), fc.boolean(), async (lines, cuts, ended) => {
        const whole = Buffer.from(lines.map((line) => `${line}\n`).join('') + (ended ? '' : 'half'));
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        async function* chunks(): AsyncGenerator<Buffer> {
          for (let index = 1; index < at.length; index++) yield whole.subarray(at[index - 1], at[index]);
        }
        const got: string[] = [];
        for await (const line of linesOf(chunks())) got.push(line);
        expect(got).toEqual(ended ? lines : [...lines, 'half']);
      }),
    );
  });

  test('come as they are written, and end with a connection that breaks off', async () => {
    const half = Promise.withResolvers<http.ServerResponse>();
    const kubernetes = await serving((_url, response) => {
      response.write('first\n');
      half.resolve(response);
    });
    const streamed = await streamLines(kubernetes, '/log', never);
    const got: string[] = [];
    for await (const line of 'lines' in streamed ? streamed.lines : []) {
      got.push(line);
      (await half.promise).socket?.destroy();
    }
    expect(got).toEqual(['first']);
  });

  test('end when they are no longer wanted', async () => {
    const kubernetes = await serving((_url, response) => void response.write('first\nsecond\n'));
    const stop = new AbortController();
    const streamed = await streamLines(kubernetes, '/log', stop.signal);
    const got: string[] = [];
    for await (const line of 'lines' in streamed ? streamed.lines : []) {
      got.push(line);
      if (line === 'second') stop.abort();
    }
    expect(got).toEqual(['first', 'second']);
  });

  test('what the server refuses is an answer', async () => {
    const kubernetes = await serving((_url, response) => void response.writeHead(400).end('{"message":"container is waiting to start"}'));
    expect(await streamLines(kubernetes, '/log', never)).toEqual({ refused: 400, reason: 'container is waiting to start' });
  });

  test('a silent body has no time limit, and takes no turn', async () => {
    const kubernetes = await serving((url, response) => (url.pathname === '/log' ? void response.write('') : void response.end('{"here":true}')));
    const stop = new AbortController();
    const streams = Array.from({ length: 12 }, () => streamLines(kubernetes, '/log', stop.signal).catch(() => undefined));
    expect((await kubernetes.ask('/api')).body).toEqual({ here: true });
    stop.abort(new Error('enough'));
    await Promise.all(streams);
  });
});

describe('a watch', () => {
  test('says what there is, then what happens, from the version that was listed', async () => {
    const asked: string[] = [];
    const kubernetes = await serving((url, response) => {
      asked.push(url.searchParams.toString());
      if (!url.searchParams.has('watch')) return list(response, '5', 'one', 'two');
      response.write(event('MODIFIED', named('one', '6')) + event('BOOKMARK', named('', '9')) + event('DELETED', named('two', '10')) + event('ADDED', named('three', '11')));
    });
    expect(await first(kubernetes, 4)).toEqual(['LISTED one,two', 'MODIFIED one', 'DELETED two', 'ADDED three']);
    expect(asked).toEqual(['labelSelector=a%3Db', 'labelSelector=a%3Db&watch=1&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=5']);
  });

  test('that ends goes on where it was, bookmarks too', async () => {
    const from: (string | null)[] = [];
    const kubernetes = await serving((url, response) => {
      if (!url.searchParams.has('watch')) return list(response, '5');
      from.push(url.searchParams.get('resourceVersion'));
      if (from.length === 1) response.end(event('ADDED', named('one', '6')) + event('BOOKMARK', named('', '9')));
      else response.write(event('ADDED', named('two', '12')));
    });
    expect(await first(kubernetes, 3)).toEqual(['LISTED ', 'ADDED one', 'ADDED two']);
    expect(from).toEqual(['5', '9']);
  });

  test.each<[string, (response: http.ServerResponse) => void]>([
    ['in an event', (response) => void response.end(event('ERROR', { code: 410, message: 'too old resource version' }))],
    ['in its answer', (response) => void response.writeHead(410).end('{"message":"too old resource version"}')],
    ['by half a line', (response) => void response.end('{"type":"ADD')],
  ])('whose place the server has forgotten, said %s, lists anew', async (_how, forget) => {
    let lists = 0;
    const kubernetes = await serving((url, response) => {
      if (!url.searchParams.has('watch')) return list(response, String(++lists), `of-${lists}`);
      if (lists === 1) forget(response);
      else response.write(event('ADDED', named('new', '7')));
    });
    expect(await first(kubernetes, 3)).toEqual(['LISTED of-1', 'LISTED of-2', 'ADDED new']);
  });

  test('outlives a server that is away for a while', async () => {
    const kubernetes = await serving((url, response, asked) => {
      if (!url.searchParams.has('watch')) return list(response, '5');
      if (asked < 3) response.socket?.destroy();
      else response.write(event('ADDED', named('one', '6')));
    });
    expect(await first(kubernetes, 2)).toEqual(['LISTED ', 'ADDED one']);
  });

  test('without the right to list or to watch says which', async () => {
    const none = await serving((_url, response) => void response.writeHead(403).end('{"message":"no"}'));
    expect(await refusal(first(none, 1))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: expect.stringContaining('list /api/v1/things') as unknown, details: ['no'] });
    const half = await serving((url, response) => (url.searchParams.has('watch') ? void response.writeHead(403).end('{"message":"no"}') : list(response, '1')));
    expect(await refusal(first(half, 2))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: expect.stringContaining('watch /api/v1/things') as unknown });
  });

  test('of a server that was never there is an error', async () => {
    const kubernetes = await serving((_url, response) => void response.socket?.destroy());
    expect(await refusal(first(kubernetes, 1))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE' });
  });
});
