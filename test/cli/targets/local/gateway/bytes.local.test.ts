// What clients and replicas may put on the wire, byte by byte: nothing of it may end the gateway, and nothing may be taken for something else.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bodyOf, exchange, gatewayTo, get, ok, peer, statusOf, upgrade } from './bench.ts';

describe('what a client sends', () => {
  test('two hosts are refused, of a request and of a WebSocket, and the gateway lives on', async () => {
    const replica = await peer(() => ok('fine'));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    for (const request of [get('/', 'Host: other.example'), upgrade('/', 'Host: other.example')]) {
      const answer = await exchange(port, request);
      expect(statusOf(answer)).toBe(400);
      expect(JSON.parse(bodyOf(answer))).toEqual({ type: 'about:blank', title: 'Bad Request', status: 400, detail: 'A request names its host once.' });
    }
    expect(replica.heads).toEqual([]);
    expect(bodyOf(await exchange(port, get('/')))).toBe('fine');
  });

  test.each([
    ['a tab in its path', 'GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a byte above 127 in its path', 'GET /\xfc HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x01\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length and chunks: the old way to smuggle a request', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a length that is no number', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
    ['nothing like HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('with %s it is refused, and no replica hears of it', async (_, request) => {
    const replica = await peer(() => ok('heard'));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    expect(statusOf(await exchange(port, request))).toBe(400);
    expect(replica.heads).toEqual([]);
  });

  test('CONNECT is nothing that a gateway does: the connection ends', async () => {
    const replica = await peer(() => ok('heard'));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    expect(await exchange(port, 'CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
    expect(replica.heads).toEqual([]);
  });

  test('an expectation is answered here, and does not go on', async () => {
    const replica = await peer((head) => (head.startsWith('POST') ? ok('done') : undefined));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na');
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(replica.heads.join('')).not.toMatch(/expect/i);
  });

  test('what belongs to its connection stays here; what does not goes on with all its repetitions', async () => {
    const replica = await peer(() => ok('x'));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const lines = ['Connection: X-Mine', 'X-Mine: secret', 'TE: trailers', 'Proxy-Authorization: Basic x', 'Proxy-Connection: keep-alive', 'X-Twice: one', 'X-Twice: two', 'Cookie: a=1'];
    await exchange(port, get('/', ...lines));
    const [head = ''] = replica.heads;
    expect(head).not.toMatch(/x-mine|secret|trailers|proxy-/i);
    expect(head.match(/x-twice: \w+/gi)).toEqual(['x-twice: one', 'x-twice: two']);
    expect(head).toMatch(/\r\ncookie: a=1\r\n/);
    expect(head).toMatch(/\r\nhost: todo\.example\r\n/);
    expect(head).toMatch(/\r\nx-forwarded-host: todo\.example\r\n/);
  });

  test('two requests on one connection are two, each answered in its turn', async () => {
    const replica = await peer((head) => ok(/GET (\S+)/.exec(head)?.[1] ?? ''));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, `GET /one HTTP/1.1\r\nHost: x\r\n\r\n${get('/two')}`);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answer.indexOf('/one')).toBeLessThan(answer.indexOf('/two'));
  });
});

describe('what a replica answers', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['another protocol, though nobody asked', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhey'],
    ['nothing', ''],
  ])('%s: 502, and the log says which replica', async (_, text) => {
    const replica = await peer(() => text, { end: true });
    const { port, said } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, get('/a?q=private'));
    expect(statusOf(answer)).toBe(502);
    expect(JSON.parse(bodyOf(answer))).toMatchObject({ title: 'Bad Gateway', status: 502 });
    expect(said.at(-1)).toMatchObject({ level: 40, msg: 'a replica did not answer', upstream: `127.0.0.1:${replica.port}`, method: 'GET', path: '/a' });
    expect(JSON.stringify(said)).not.toContain('private');
  });

  test('an interim answer comes before the final one, and only that is passed on', async () => {
    const replica = await peer(() => `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok('hi')}`);
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, get('/'));
    expect([statusOf(answer), bodyOf(answer)]).toEqual([200, 'hi']);
  });

  test('with headers of its own connection: they end here', async () => {
    const replica = await peer(() => ok('hi', 'Connection: X-Hop, close', 'X-Hop: 1', 'Keep-Alive: timeout=1', 'Proxy-Authenticate: Basic', 'X-Kept: yes'), { end: true });
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, get('/'));
    expect(answer).not.toMatch(/x-hop|timeout=1|proxy-authenticate/i);
    expect(answer).toMatch(/\r\nx-kept: yes\r\n/);
  });

  test('until its connection closes: the client gets it whole, and in chunks', async () => {
    const replica = await peer(() => 'HTTP/1.1 200 OK\r\n\r\nto the end', { end: true });
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, get('/'));
    expect(answer).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
    expect(bodyOf(answer)).toBe('a\r\nto the end\r\n0\r\n\r\n');
  });

  test('fewer chunks than it began: the client sees that the last one is missing', async () => {
    const replica = await peer(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', { end: true });
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    const answer = await exchange(port, get('/'));
    expect(answer).toContain('half');
    expect(answer).not.toMatch(/0\r\n\r\n$/);
  });

  test('a connection that it kept open and closed is not a failed request: the next one opens another', async () => {
    const replica = await peer(() => ok('x'));
    const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }]);
    expect(statusOf(await exchange(port, get('/')))).toBe(200);
    await Promise.all([...replica.sockets].map((socket) => {
      const closed = once(socket, 'close');
      socket.destroy();
      return closed;
    }));
    const second = connect(port, '127.0.0.1').setEncoding('latin1');
    second.write(get('/'));
    expect(statusOf(String((await once(second, 'data'))[0]))).toBe(200);
  });
});

describe('a WebSocket', () => {
  const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

  test('its handshake is the replica\'s, word for word, and what follows at once is not lost', async () => {
    const replica = await peer((head) => (head.startsWith('GET') ? `${SWITCH}first frame` : 'echo'));
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [replica] }]);
    const client = connect(port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    client.on('data', (chunk) => { text += chunk.toString(); });
    client.write(upgrade('/live?after=7', 'Sec-WebSocket-Protocol: todo', 'X-User-Id: ada'));
    while (!text.endsWith('first frame')) await once(client, 'data');
    expect(text).toBe(`${SWITCH}first frame`);
    const [head = ''] = replica.heads;
    expect(head).toMatch(/^GET \/live\?after=7 HTTP\/1\.1\r\n/);
    for (const line of ['upgrade: websocket', 'connection: Upgrade', 'sec-websocket-protocol: todo', 'x-user-id: ada', 'x-forwarded-for: 127.0.0.1']) expect(head.toLowerCase()).toContain(`${line.toLowerCase()}\r\n`);
    client.destroy();
  });

  test('bytes that a client sends with its handshake come after it', async () => {
    const replica = await peer((head) => (head.startsWith('GET') ? SWITCH : 'got it'));
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [replica] }]);
    const client = connect(port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    client.on('data', (chunk) => { text += chunk.toString(); });
    client.write(`${upgrade('/live')}early frame`);
    while (!text.includes('got it')) await once(client, 'data');
    expect(replica.heads.join('')).toMatch(/\r\n\r\nearly frame$/);
    client.destroy();
  });

  test.each([
    ['that no service has', '/nowhere', 404],
    ['of a service whose replica breaks the connection', '/broken', 502],
    ['of a service whose replica is silent', '/silent', 504],
  ])('%s is refused with %s → %i, as a problem', async (_, path, status) => {
    const [broken, silent] = await Promise.all([peer(() => '', { end: true }), peer(() => undefined)]);
    const { port } = await gatewayTo([{ prefix: '/broken', upstreams: [broken] }, { prefix: '/silent', upstreams: [silent] }], 50);
    const answer = await exchange(port, upgrade(path));
    expect(statusOf(answer)).toBe(status);
    expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/);
    expect(JSON.parse(bodyOf(answer))).toMatchObject({ status });
  });

  test('whose client leaves during the handshake: the replica\'s connection ends', async () => {
    const asked = Promise.withResolvers<undefined>();
    const replica = await peer(() => {
      asked.resolve(undefined);
      return undefined;
    });
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [replica] }], 60_000);
    const client = connect(port, '127.0.0.1');
    client.write(upgrade('/live'));
    await asked.promise;
    const ends = Promise.all([...replica.sockets].map((socket) => once(socket, 'close')));
    client.destroy();
    await ends;
    expect(replica.sockets.size).toBe(0);
  });

  test('whose client leaves later: the replica\'s connection ends too', async () => {
    const replica = await peer((head) => (head.startsWith('GET') ? SWITCH : undefined));
    const { port } = await gatewayTo([{ prefix: '/live', upstreams: [replica] }]);
    const client = connect(port, '127.0.0.1');
    client.write(upgrade('/live'));
    await once(client, 'data');
    const ends = Promise.all([...replica.sockets].map((socket) => once(socket, 'close')));
    client.destroy();
    await ends;
    expect(replica.sockets.size).toBe(0);
  });

  test('is closed when the gateway ends, without waiting for its grace', async () => {
    const replica = await peer((head) => (head.startsWith('GET') ? SWITCH : undefined));
    const gateway = await gatewayTo([{ prefix: '/live', upstreams: [replica] }]);
    const client = connect(gateway.port, '127.0.0.1').resume();
    client.write(upgrade('/live'));
    await once(client, 'data');
    const ended = once(client, 'end');
    await Promise.all([gateway.close(60_000), ended]);
  });
});

test('a replica that reads slowly slows its client down: what waits between them does not grow with the body', async () => {
  const began = Promise.withResolvers<undefined>();
  const replica = await peer((head) => {
    if (head.startsWith('PUT')) {
      for (const socket of replica.sockets) socket.pause();
      began.resolve(undefined);
    }
    return undefined;
  });
  const { port } = await gatewayTo([{ prefix: '/', upstreams: [replica] }], 30_000);
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined);
  const size = 64 * 1024 * 1024;
  client.write(`PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
  await began.promise;
  const megabyte = Buffer.alloc(1024 * 1024);
  let sent = 0;
  while (sent < size && client.write(megabyte, () => undefined)) sent += megabyte.length;
  expect(sent).toBeLessThan(size);
  expect(client.writableNeedDrain).toBe(true);
  client.destroy();
});
