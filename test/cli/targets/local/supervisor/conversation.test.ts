// Both ends of the supervisor's socket, each against a peer that says what it should not.
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../../../../../cli/targets/local/supervisor/ask.ts';
import type { Answer, Request } from '../../../../../cli/targets/local/supervisor/protocol.ts';
import { listen, removeSocket, socketPath } from '../../../../../cli/targets/local/supervisor/socket.ts';
import { temporaryFolder } from '../platforms.ts';

/** A supervisor's place, kept by something that is none. */
async function impostor(speak: (socket: Socket) => void): Promise<string> {
  const file = path.join(temporaryFolder(), 's');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    speak(socket);
  }).listen(file);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return file;
}

async function listening(answer: (request: Request) => Promise<Answer | undefined>): Promise<{ file: string; server: Server }> {
  const file = path.join(temporaryFolder(), 's');
  const server = await listen(file, answer);
  onTestFinished(() => void server.close());
  return { file, server };
}

/** Sends bytes, ends, and returns the lines that come back. */
async function say(file: string, bytes: string | Buffer): Promise<string[]> {
  const socket = connect(file);
  let text = '';
  socket.on('data', (chunk) => { text += chunk.toString(); });
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return text.split('\n').filter((line) => line !== '');
}

describe('who asks', () => {
  test('gets the answer, also when it comes in pieces', async () => {
    const file = await impostor((socket) => {
      socket.write('{"ok":true,"stop');
      setImmediate(() => socket.write('ping":true}\n'));
    });
    expect(await ask(file, { ask: 'hello' }, 5000)).toEqual({ ok: true, stopping: true });
  });

  test.each([
    ['no JSON', 'hello\n', 'what answered is no supervisor'],
    ['JSON that is cut off', '{"ok":tr\n', 'what answered is no supervisor'],
    ['half a line and then the end', '{"ok":true', 'the supervisor closed the connection'],
    ['nothing and the end', '', 'the supervisor closed the connection'],
  ])('hears %s: an error, not a crash', async (_, text, message) => {
    const file = await impostor((socket) => void socket.end(text));
    await expect(ask(file, { ask: 'status' }, 5000)).rejects.toThrow(message);
  });

  test('hears nothing in time: an error that says how long it waited', async () => {
    const file = await impostor(() => undefined);
    await expect(ask(file, { ask: 'status' }, 30)).rejects.toThrow('the supervisor did not answer in 30 ms');
  });

  test('finds nobody: an error at once', async () => {
    await expect(ask(path.join(temporaryFolder(), 'none'), { ask: 'hello' }, 60_000)).rejects.toThrow('ENOENT');
  });
});

describe('who answers', () => {
  test('each line by itself, in the order in which the answers are ready', async () => {
    const { file } = await listening(async (request) => ({ ok: true, leftovers: [request.ask] }));
    expect(await say(file, '{"ask":"hello"}\n{"ask":"status"}\n')).toEqual(['{"ok":true,"leftovers":["hello"]}', '{"ok":true,"leftovers":["status"]}']);
  });

  test.each(['no JSON', '{"ask":', '\0\0\0', '{"ask":"hello"'])('%j is refused with a reason, and the next line is answered', async (line) => {
    const { file } = await listening(async () => ({ ok: true }));
    const [first = '', second] = await say(file, `${line}\n{"ask":"hello"}\n`);
    expect(JSON.parse(first)).toEqual({ ok: false, reason: expect.stringMatching(/JSON/) as string });
    expect(second).toBe('{"ok":true}');
  });

  test('an answer that fails is a refusal', async () => {
    const { file } = await listening(() => Promise.reject(new Error('the disk is full')));
    expect(await say(file, '{"ask":"stop"}\n')).toEqual(['{"ok":false,"reason":"the disk is full"}']);
  });

  test('what has no answer gets none, and what comes without an end of line waits for it', async () => {
    const { file } = await listening(async ({ ask: what }) => (what === 'guard' ? undefined : { ok: true }));
    expect(await say(file, '{"ask":"guard"}\n{"ask":"hello"}')).toEqual([]);
  });

  test('whatever bytes come, the next caller is answered', async () => {
    const { file } = await listening(async () => ({ ok: true }));
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      for (const line of await say(file, Buffer.concat([bytes, Buffer.from('\n')]))) expect(JSON.parse(line)).toHaveProperty('ok');
      expect(await ask(file, { ask: 'hello' }, 5000)).toEqual({ ok: true });
    }), { numRuns: 50 });
  });

  test('a caller that leaves before its answer is ready harms nobody', async () => {
    const leave = Promise.withResolvers<undefined>();
    const came = Promise.withResolvers<undefined>();
    const { file } = await listening(async ({ ask: what }) => {
      if (what !== 'stop') return { ok: true };
      came.resolve(undefined);
      await leave.promise;
      return { ok: true, leftovers: [] };
    });
    const socket = connect(file);
    socket.write('{"ask":"stop"}\n');
    await came.promise;
    socket.destroy();
    leave.resolve(undefined);
    expect(await ask(file, { ask: 'hello' }, 5000)).toEqual({ ok: true });
  });

  test('takes the place of a socket that a crash has left, for its owner alone', async () => {
    const file = path.join(temporaryFolder(), 's');
    writeFileSync(file, 'left');
    const server = await listen(file, async () => ({ ok: true }));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await ask(file, { ask: 'hello' }, 5000)).toEqual({ ok: true });
    server.close();
  });
});

describe('where the socket lies', () => {
  const deep = (): string => path.join(temporaryFolder(), 'x'.repeat(120));

  test('in the state folder, where its path is short enough', () => {
    expect(socketPath('/p/.todoctl/local', '/elsewhere/s')).toBe('/p/.todoctl/local/supervisor.sock');
    const longest = `/${'x'.repeat(103 - '/supervisor.sock'.length - 1)}`;
    expect(socketPath(longest, undefined)).toBe(`${longest}/supervisor.sock`);
    const counted = `/${'ü'.repeat(48)}`;
    expect(socketPath(counted, undefined)).not.toContain(counted);
  });

  test('else in a folder of its own, for its owner alone; and there again the next time', () => {
    const first = socketPath(deep(), undefined);
    onTestFinished(() => removeSocket('', first));
    expect(statSync(path.dirname(first)).mode & 0o777).toBe(0o700);
    expect(socketPath(deep(), first)).toBe(first);
  });

  test('but not there again when others may enter, or it is gone', () => {
    const open = path.join(temporaryFolder(), 'open');
    mkdirSync(open, { mode: 0o755 });
    for (const before of [path.join(open, 's'), '/nowhere/at/all/s']) {
      const given = socketPath(deep(), before);
      expect(given).not.toBe(before);
      removeSocket('', given);
    }
  });

  test('and goes with the folder that was made for it, never with the state folder', () => {
    const own = socketPath(deep(), undefined);
    writeFileSync(own, '');
    removeSocket(deep(), own);
    expect(existsSync(path.dirname(own))).toBe(false);
    const state = temporaryFolder();
    writeFileSync(path.join(state, 'supervisor.sock'), '');
    removeSocket(state, path.join(state, 'supervisor.sock'));
    expect([existsSync(state), existsSync(path.join(state, 'supervisor.sock'))]).toEqual([true, false]);
  });
});
