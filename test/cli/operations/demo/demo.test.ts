// The demo's story on a scripted platform: what it tells when all goes well, and how it ends when something does not.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import type { Context } from '../../../../cli/operations/context.ts';
import { demo, type DemoResult } from '../../../../cli/operations/demo/demo.ts';
import type { Moment } from '../../../../cli/operations/demo/moment.ts';
import { momentText } from '../../../../cli/views/demo.ts';
import { temporaryFolder } from '../../targets/local/platforms.ts';
import { contextOn, targetWith } from '../stage.ts';
import { openPeer, type Peer, type Program, programThat } from './peer.ts';

interface Shown { moments: Moment[]; text: () => string; result: Promise<DemoResult> }

function show(program: Program, change: Partial<Context> = {}): Shown {
  const moments: Moment[] = [];
  const context: Context = { ...contextOn(targetWith()), cwd: program.packageRoot, ...change };
  const result = demo(context, program, (moment) => void moments.push(moment));
  return { moments, text: () => moments.map((moment) => momentText(moment, { colour: false })).join(''), result };
}

const statusOf = (peer: Peer, held: { pid?: number; port?: number; folder?: string } = {}): { out: string } => ({
  out: JSON.stringify({ entrance: peer.url.href, folder: held.folder ?? '/nowhere/.todoctl/local', processes: [{ ...(held.pid ? { pid: held.pid } : {}), ...(held.port ? { port: held.port } : {}) }] }),
});

describe('when all goes well', () => {
  test('six chapters, each with its commands and what they answered', async () => {
    const peer = await openPeer();
    const program = programThat({
      deploy: { out: 'Ready     local\n' }, status: statusOf(peer), 'events topics': { out: 'TOPIC  PARTITIONS\n' },
      'events tail': { out: 'task-events/0@0  task.created  Buy milk\n' }, teardown: { out: 'Gone  local\n' },
    });
    const shown = show(program);
    const result = await shown.result;
    expect(result).toMatchObject({ ok: true, gone: { processes: 0, ports: 0 } });
    expect(shown.text()).toMatchInlineSnapshot(`
      "
      1/6  One definition, one command
      todoctl.yaml names topics, services and arrows; deploy makes a running platform of it, on Node alone.

      $ todoctl deploy --env local
        Ready     local

      2/6  A user works, a browser sees it
      Each change goes API → event store and outbox → Kafka → realtime → WebSocket.

      $ POST /api/tasks  {"title":"Buy milk","priority":"high","tags":["home"]}
        ✓ the browser’s WebSocket says: “Buy milk” created
      $ POST /api/tasks/t1/complete
        ✓ the browser’s WebSocket says: “Buy milk” completed

      3/6  A recurring task comes back
      The recurrence service hears task.completed, works out the next date in the task’s zone and asks task-api for it.

      $ POST /api/tasks  {"title":"Weekly review","due":{"at":"2027-01-04T09:00:00","zone":"Europe/Berlin"},"recurrence":"FREQ=WEEKLY;BYDAY=MO"}
        ✓ Weekly review, due 2027-01-04 09:00 Europe/Berlin, repeats FREQ=WEEKLY;BYDAY=MO
      $ POST /api/tasks/t2/complete
      $ GET /api/tasks/t3
        ✓ Weekly review is back, due 2027-01-11 09:00 Europe/Berlin

      4/6  The same, seen from Kafka
      events tail reads topics without joining a consumer group: nothing is disturbed by looking.

      $ todoctl events topics --env local
        TOPIC  PARTITIONS
      $ todoctl events tail task-events --no-follow --format '%t/%p@%o  %v{type}  %v{data.title}' --env local
        task-events/0@0  task.created  Buy milk

      5/6  The history of one task
      The event store keeps every change; state is what the events add up to.

      $ GET /api/tasks/t2/history
        2027-01-01T00:00:00Z  task.created                 created “Weekly review”

      6/6  Nothing stays behind
      Teardown ends with a receipt; then we look at the machine ourselves.

      $ todoctl teardown --yes --env local
        Gone  local
        ✓ looked for and not found: the 0 processes and 0 ports that status named, the folder /nowhere/.todoctl/local
      "
    `);
    expect(peer.asked.every((line) => line.includes(' demo'))).toBe(true);
    expect(program.calls()).toEqual(['deploy --env local', 'status --json --env local', 'status --json --env local', 'events topics --env local', expect.stringMatching(/^events tail task-events/) as string, 'teardown --yes --env local']);
  });

  test('every line of a chapter\'s own words fits a terminal, and another environment stands in each command', async () => {
    const peer = await openPeer();
    const program = programThat({ status: statusOf(peer) });
    const shown = show(program, { environment: 'real-kafka' });
    await shown.result;
    expect(program.calls().every((call) => call.endsWith('--env real-kafka'))).toBe(true);
    for (const moment of shown.moments) if (moment.is === 'chapter') expect(moment.title.length).toBeLessThanOrEqual(76);
  });

  test('it works in a folder of its own, which is gone afterwards', async () => {
    const peer = await openPeer();
    const program = programThat({ status: statusOf(peer) });
    await show(program).result;
    expect(path.basename(program.folder())).toMatch(/^todoctl-demo-/);
    expect(existsSync(program.folder())).toBe(false);
    expect(readdirSync(program.packageRoot)).toEqual(['todoctl.yaml']);
  });

  test('without a todoctl.yaml around it shows todoctl\'s own', async () => {
    const peer = await openPeer();
    expect(await show(programThat({ status: statusOf(peer) }), { cwd: temporaryFolder() }).result).toMatchObject({ ok: true });
  });

  test('a todoctl.yaml around that is of no use is told, and nothing is begun', async () => {
    const project = temporaryFolder();
    mkdirSync(path.join(project, 'todoctl.yaml'));
    const program = programThat({});
    await expect(show(program, { cwd: project }).result).rejects.toBeInstanceOf(TodoctlError);
    expect(program.calls()).toEqual([]);
  });
});

describe('when something fails, everything is torn down, and the demo says what it was', () => {
  const cases: readonly [string, Parameters<typeof openPeer>[0], Record<string, { exit?: number; out?: string }>, string][] = [
    ['deploy', {}, { deploy: { exit: 4 } }, 'The demo stopped: todoctl deploy ended with exit code 4'],
    ['status that says no JSON', {}, { status: { out: 'oops' } }, 'The demo stopped: Unexpected token'],
    ['the API', { refuse: [/POST \/api\/tasks$/] }, {}, 'The demo stopped: POST /api/tasks: 500 {"title":"broken on purpose"}'],
    ['events topics', {}, { 'events topics': { exit: 5, out: 'no topics' } }, 'The demo stopped: todoctl events topics ended with exit code 5'],
    ['teardown', {}, { teardown: { exit: 7 } }, 'The demo stopped: todoctl teardown ended with exit code 7'],
  ];

  test.each(cases)('%s', async (_, broken, answers, message) => {
    const peer = await openPeer(broken);
    const program = programThat({ status: statusOf(peer), ...answers });
    await expect(show(program).result).rejects.toMatchObject({ code: 'TODOCTL_DEMO_FAILED', message: expect.stringContaining(message) as string });
    expect(program.calls().at(-1)).toBe('teardown --yes --env local');
    expect(path.basename(program.folder())).toMatch(/^todoctl-demo-/);
    expect(existsSync(program.folder())).toBe(false);
  });

  test('no live socket at the entrance', async () => {
    const server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const program = programThat({ status: { out: JSON.stringify({ entrance: `http://127.0.0.1:${port}/`, folder: '/nowhere', processes: [] }) } });
    await expect(show(program).result).rejects.toMatchObject({ message: `The demo stopped: no WebSocket at ws://127.0.0.1:${port}/live?user=demo` });
    server.close();
  });

  test('what answered stands in the transcript before the failure', async () => {
    const peer = await openPeer();
    const shown = show(programThat({ status: statusOf(peer), deploy: { exit: 3, out: 'Error port taken\nNext free it\n' } }));
    await expect(shown.result).rejects.toThrow();
    expect(shown.text()).toContain('$ todoctl deploy --env local\n  Error port taken\n  Next free it\n');
    expect(shown.text()).not.toContain('2/6');
  });
});

describe('what is left after the teardown', () => {
  test('a process, a port and a folder are each named', async () => {
    const peer = await openPeer();
    const folder = temporaryFolder();
    const port = Number(peer.url.port);
    const program = programThat({ status: statusOf(peer, { pid: process.pid, port, folder }) });
    await expect(show(program).result).rejects.toMatchObject({ code: 'TODOCTL_LEFTOVERS', exit: 7, details: [`process ${process.pid}`, `port ${port}`, folder] });
    expect(existsSync(folder)).toBe(true);
  });

  test('what was held is counted once, though several processes say it', async () => {
    const peer = await openPeer();
    const processes = [{ pid: 4_000_001, port: 1 }, { pid: 4_000_001, port: 1 }, { port: 2 }, {}];
    const program = programThat({ status: { out: JSON.stringify({ entrance: peer.url.href, folder: '/nowhere', processes }) } });
    expect(await show(program).result).toMatchObject({ gone: { processes: 1, ports: 2 } });
  });
});

test('Ctrl-C ends it between two steps, with a teardown, and is told as what it is', async () => {
  const stop = new AbortController();
  const peer = await openPeer();
  const program = programThat({ status: statusOf(peer) });
  const reason = new TodoctlError('TODOCTL_INTERRUPTED');
  const moments: Moment[] = [];
  const result = demo({ ...contextOn(targetWith(), stop.signal), cwd: program.packageRoot }, program, (moment) => {
    moments.push(moment);
    if (moment.is === 'chapter' && moment.number === 3) stop.abort(reason);
  });
  await expect(result).rejects.toBe(reason);
  expect(moments.flatMap((moment) => (moment.is === 'chapter' ? [moment.number] : []))).toEqual([1, 2, 3]);
  expect(program.calls().at(-1)).toBe('teardown --yes --env local');
  expect(program.calls().some((call) => call.startsWith('events'))).toBe(false);
});

test('the commands know that they are part of a demo, and see the reader\'s environment', async () => {
  const peer = await openPeer();
  const program = programThat({ status: statusOf(peer) });
  const out = path.join(temporaryFolder(), 'env.json');
  writeFileSync(program.script, `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(out)}, JSON.stringify(process.env));\nprocess.exitCode = 9;\n`);
  await expect(show(program, { env: { MINE: 'yes' } }).result).rejects.toMatchObject({ code: 'TODOCTL_DEMO_FAILED' });
  const { default: env } = (await import(out, { with: { type: 'json' } })) as { default: Record<string, string> };
  expect(env).toMatchObject({ MINE: 'yes', TODOCTL_DEMO: '1' });
});
