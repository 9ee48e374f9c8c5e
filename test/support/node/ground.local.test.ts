import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.ts';
import { claimGround, run, type Ground } from './ground.ts';
import { cgroupFolders } from './leftovers.ts';
import { whatIsMissing } from './needs.ts';

const missing = whatIsMissing();
if (missing !== undefined) process.stderr.write(`skipped: no ground of a node is tried (${missing})\n`);

const GROUND = path.resolve(import.meta.dirname, 'ground.ts');
const IN_TIME_MS = 30_000;

const isThere = async ({ folder, netns, link, cgroup }: Ground): Promise<boolean[]> => [
  existsSync(folder), (await run('ip', ['netns', 'list'])).includes(netns), existsSync(`/sys/class/net/${link}`), cgroupFolders(cgroup).some((at) => existsSync(at)),
];
const lives = (pid: number | undefined): boolean => existsSync(`/proc/${pid}/environ`) && readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';

/** A process that makes a ground and starts another in it, which starts one more, in a session of its own and in the cgroup. */
async function owner(): Promise<{ child: ChildProcess; ground: Ground; sleeper: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `import { claimGround } from '${GROUND}';
const ground = await claimGround();
ground.launch('sleeper', 'sh', ['-c', 'setsid sleep 1000 & echo $!; wait']);
process.stdout.write(JSON.stringify(ground));
setInterval(() => {}, 1000);`], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const ground = JSON.parse(text.toString()) as Ground;
  const sleeper = await until('the sleeper sleeps', () => Number(readFileSync(path.join(ground.logs, 'sleeper'), 'utf8')) || undefined);
  return { child, ground, sleeper };
}

describe.skipIf(missing !== undefined)('the ground of a node', () => {
  test('is a namespace whose address this machine reaches, and that reaches this machine', async () => {
    const ground = await claimGround();
    try {
      const server = net.createServer((socket) => socket.end('from the machine')).listen(0, ground.hostAddress);
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      expect(await ground.exec(process.execPath, ['-e', `require('net').connect(${port}, '${ground.hostAddress}').pipe(process.stdout)`])).toBe('from the machine');
      server.close();

      ground.launch('answers', process.execPath, ['-e', `require('net').createServer((s) => s.end('from inside')).listen(4000, '${ground.address}')`]);
      const heard = await until('it answers', () => new Promise<string | undefined>((resolve) => {
        const socket = net.connect(4000, ground.address).on('error', () => resolve(undefined));
        socket.on('data', (bytes) => resolve(bytes.toString()));
      }));
      expect(heard).toBe('from inside');
    } finally {
      await ground.leave();
    }
    expect(await isThere(ground)).toEqual([false, false, false, false]);
  });

  test('is another for each, with addresses of its own', async () => {
    const [one, other] = await Promise.all([claimGround(), claimGround()]);
    expect(one.address).not.toBe(other.address);
    await one.leave();
    expect(await isThere(other)).toEqual([true, true, true, true]);
    await other.leave();
  });

  test('says what a program inside said when it failed', async () => {
    const ground = await claimGround();
    await expect(ground.exec('sh', ['-c', 'echo because >&2; exit 3'])).rejects.toThrow(/^nsenter .*: because$/);
    await ground.leave();
  });

  test('goes with all its processes when its owner is killed', async () => {
    const { child, ground, sleeper } = await owner();
    expect(lives(sleeper)).toBe(true);
    child.kill('SIGKILL');
    await until('nothing is left of it', async () => !lives(sleeper) && (await isThere(ground)).every((there) => !there), IN_TIME_MS);
  });

  test('goes when the next is claimed, when the one who takes it away was killed as well', async () => {
    const { child, ground, sleeper } = await owner();
    process.kill(ground.caretaker, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until('the caretaker is gone', () => !lives(ground.caretaker));
    expect(lives(sleeper)).toBe(true);
    expect(await isThere(ground)).toEqual([true, true, true, true]);

    const next = await claimGround();
    expect(await isThere(ground)).toEqual([false, false, false, false]);
    expect(lives(sleeper)).toBe(false);
    await next.leave();
  });

  test('ends processes of its cgroup that carry no mark, and deletes nothing through a mount', async () => {
    const ground = await claimGround();
    const elsewhere = path.join('/tmp', `${ground.netns}-elsewhere`);
    await run('mkdir', ['-p', elsewhere, path.join(ground.folder, 'mounted')]);
    onTestFinished(() => void run('rm', ['-r', elsewhere]));
    writeFileSync(path.join(elsewhere, 'precious'), '');
    await run('mount', ['--bind', elsewhere, path.join(ground.folder, 'mounted')]);
    const container = spawn('sleep', ['1000'], { stdio: 'ignore' });
    for (const at of cgroupFolders(ground.cgroup)) writeFileSync(path.join(at, 'cgroup.procs'), String(container.pid));
    const ended = once(container, 'exit');
    await ground.leave();
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await isThere(ground)).toEqual([false, false, false, false]);
    expect(existsSync(path.join(elsewhere, 'precious'))).toBe(true);
  });
});
