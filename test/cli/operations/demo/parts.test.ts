import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBrowser } from '../../../../cli/operations/demo/browser.ts';
import { findLeftovers } from '../../../../cli/operations/demo/leftovers.ts';
import type { Moment } from '../../../../cli/operations/demo/moment.ts';
import { createWorkspace, type Workspace } from '../../../../cli/operations/demo/workspace.ts';
import { demoText, momentText } from '../../../../cli/views/demo.ts';
import { temporaryFolder, TODO } from '../../targets/local/platforms.ts';
import { openPeer, programThat } from './peer.ts';

describe('a browser', () => {
  const quiet = (): void => undefined;

  test('hands each live message out once, also one that came before it was waited for', async () => {
    const peer = await openPeer();
    const browser = await openBrowser(peer.url, 'ada', quiet);
    peer.tell({ type: 'change', action: 'created', task_id: 'a' });
    peer.tell({ type: 'ping' });
    peer.tell({ type: 'change', action: 'created', task_id: 'b' });
    const created = async (): Promise<string | undefined> => (await browser.live(({ action }) => action === 'created', 5000)).task_id;
    expect([await created(), await created()]).toEqual(['a', 'b']);
    await expect(browser.live(({ action }) => action === 'created', 20)).rejects.toThrow('no live message within 20 ms');
    browser.close();
  });

  test('two who wait for different things each get their own, in whatever order they come', async () => {
    const peer = await openPeer();
    const browser = await openBrowser(peer.url, 'ada', quiet);
    const both = Promise.all([browser.live(({ task_id: id }) => id === 'one', 5000), browser.live(({ task_id: id }) => id === 'two', 5000)]);
    peer.tell({ type: 'change', task_id: 'two' });
    peer.tell({ type: 'change', task_id: 'one' });
    expect((await both).map(({ task_id: id }) => id)).toEqual(['one', 'two']);
    browser.close();
  });

  test('asks as its user, tells what it asks, and says what a refusal said', async () => {
    const peer = await openPeer({ refuse: [/DELETE/] });
    const told: Moment[] = [];
    const browser = await openBrowser(peer.url, 'ada', (moment) => void told.push(moment));
    await browser.call('POST', '/api/tasks', { title: 'x' });
    await expect(browser.call('DELETE', '/api/tasks/t1')).rejects.toThrow('DELETE /api/tasks/t1: 500 {"title":"broken on purpose"}');
    expect(peer.asked).toEqual(['POST /api/tasks ada {"title":"x"}', 'DELETE /api/tasks/t1 ada']);
    expect(told).toEqual([{ is: 'command', line: 'POST /api/tasks  {"title":"x"}' }, { is: 'command', line: 'DELETE /api/tasks/t1' }]);
    browser.close();
  });
});

describe('leftovers', () => {
  test('none of what is gone', async () => {
    expect(await findLeftovers({ pids: [4_000_001], ports: [1], folder: '/nowhere/at/all' })).toEqual({ pids: [], ports: [], folders: [] });
  });

  test('exactly those of what is still there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const folder = temporaryFolder();
    expect(await findLeftovers({ pids: [4_000_001, process.pid], ports: [port, 1], folder })).toEqual({ pids: [process.pid], ports: [port], folders: [folder] });
    server.close();
  });
});

describe('a workspace', () => {
  async function workspace(script: string, tell: (moment: Moment) => void = () => undefined): Promise<Workspace> {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'todoctl.yaml'), TODO);
    const made = await createWorkspace({ definition: path.join(folder, 'todoctl.yaml'), services: undefined, script, env: {}, tell });
    onTestFinished(() => made.remove());
    return made;
  }

  test('has the definition, and the services where the project has its own', async () => {
    const project = temporaryFolder();
    writeFileSync(path.join(project, 'todoctl.yaml'), TODO);
    mkdirSync(path.join(project, 'services/hello'), { recursive: true });
    const given = { definition: path.join(project, 'todoctl.yaml'), script: '/none', env: {}, tell: () => undefined };
    const made = await createWorkspace({ ...given, services: path.join(project, 'services') });
    expect(readFileSync(path.join(made.root, 'todoctl.yaml'), 'utf8')).toBe(TODO);
    expect(readdirSync(path.join(made.root, 'services'))).toEqual(['hello']);
    await made.remove();
    expect(existsSync(made.root)).toBe(false);
    expect(readdirSync(path.join(project, 'services'))).toEqual(['hello']);
  });

  test('runs a command in its folder and returns its data and its exit code', async () => {
    const { script } = programThat({ status: { exit: 3, out: 'grüße\n' } });
    const made = await workspace(script);
    expect(await made.todoctl(['status'])).toEqual({ exit: 3, stdout: 'grüße\n' });
  });

  test('tells a command as a person would type it, unless it is quiet', async () => {
    const { script, calls } = programThat({});
    const told: Moment[] = [];
    const made = await workspace(script, (moment) => void told.push(moment));
    await made.todoctl(['events', 'tail', 'a-b', '--where', 'data.priority=high', '--format', "%t it's"]);
    await made.todoctl(['status', '--json'], { quiet: true });
    expect(told).toEqual([{ is: 'command', line: "todoctl events tail a-b --where data.priority=high --format '%t it'\\''s'" }]);
    expect(calls()).toEqual(["events tail a-b --where data.priority=high --format %t it's", 'status --json']);
  });

  test('a command that is killed counts as interrupted', async () => {
    const script = path.join(temporaryFolder(), 'run.mjs');
    writeFileSync(script, "process.kill(process.pid, 'SIGKILL')");
    expect(await (await workspace(script)).todoctl([])).toEqual({ exit: 130, stdout: '' });
  });
});

describe('how a moment looks', () => {
  const moments: Moment[] = [
    { is: 'chapter', number: 2, of: 6, title: 'A title', why: 'And why.' },
    { is: 'command', line: 'todoctl status' },
    { is: 'output', lines: ['one', '', 'two'] },
    { is: 'seen', what: 'it is so' },
  ];

  test('without colour', () => {
    expect(moments.map((moment) => momentText(moment, { colour: false }))).toEqual(['\n2/6  A title\nAnd why.\n\n', '$ todoctl status\n', '  one\n  \n  two\n', '  ✓ it is so\n']);
  });

  test('with colour: the same words', () => {
    const bare = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
    for (const moment of moments) {
      const painted = momentText(moment, { colour: true });
      expect(bare(painted)).toBe(momentText(moment, { colour: false }));
      expect(painted === bare(painted)).toBe(moment.is === 'output');
    }
  });

  test('its end says how long it took and what to do next', () => {
    expect(demoText({ ok: true, gone: { processes: 1, ports: 1 }, seconds: 9 }, { colour: false })).toBe('\nThat was the platform, in 9 s. Keep one running with `node bin/run.js deploy`.\n');
  });
});
