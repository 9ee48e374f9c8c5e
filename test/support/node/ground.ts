import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identify, isAlive, type Identity } from '../../../cli/io/process-identity.ts';
import { cgroupFolders, MARK, takeAway, type Holdings } from './leftovers.ts';

/** Which nodes there are on this machine, dead ones included: one file for each, named by its number. */
const CLAIMS = '/run/todoctl-test-nodes';
const MOST_NODES = 16;

/** What a node stands on: a folder, a network namespace with a cable to this machine, and a cgroup. */
export interface Ground extends Holdings {
  /** The node's address in its namespace, reachable from this machine: `10.10.0.2`. */
  address: string;
  /** This machine's address as the node sees it: `10.10.0.1`. */
  hostAddress: string;
  /** Pid of the process that takes all of it away once this one has ended. */
  caretaker: number;
  /** What every process of the node writes, one file each. */
  logs: string;
  /** Starts a process that ends with this one; `inside` the namespace unless said otherwise. */
  launch: (name: string, program: string, args: readonly string[], options?: { inside?: boolean; env?: Readonly<Record<string, string>> }) => ChildProcess;
  /** Runs a program inside the namespace to its end and answers its stdout. */
  exec: (program: string, args: readonly string[], options?: { input?: string; env?: NodeJS.ProcessEnv }) => Promise<string>;
  leave: () => Promise<void>;
}

/** Takes a number that no living node has, after taking away what a dead one left there, and makes the ground. */
export async function claimGround(): Promise<Ground> {
  mkdirSync(CLAIMS, { recursive: true });
  const folder = mkdtempSync(path.join(tmpdir(), 'todoctl-node-'));
  const name = path.basename(folder);
  const holdings: Holdings = { folder, netns: name, cgroup: name, link: `td${name.slice('todoctl-node-'.length)}` };
  const number = await claimNumber(holdings);
  const claim = path.join(CLAIMS, String(number));
  const { caretaker, leave } = hireCaretaker(claim);
  const [address, hostAddress] = [`10.10.${number}.2`, `10.10.${number}.1`];
  try {
    layCable(holdings, address, hostAddress);
    for (const top of cgroupFolders(name)) makeCgroup(top);
  } catch (error) {
    await leave();
    throw error;
  }
  const logs = path.join(folder, 'log');
  mkdirSync(logs);
  // Not `ip netns exec`: it mounts a /sys of its own, in which the kubelet finds no cgroups.
  const enter = ['nsenter', `--net=/run/netns/${holdings.netns}`];
  return {
    ...holdings, address, hostAddress, caretaker, logs, leave,
    launch: (as, program, args, { inside = true, env = {} } = {}) => {
      const log = openSync(path.join(logs, as), 'a');
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...(inside ? enter : []), program, ...args], {
        cwd: folder, stdio: ['ignore', log, log], env: { PATH: process.env['PATH'], HOME: folder, ...env, [MARK]: folder },
      });
      closeSync(log);
      return child;
    },
    exec: (program, args, { input, env = process.env } = {}) => run('nsenter', [...enter.slice(1), program, ...args], { cwd: folder, env }, input),
  };
}

/** Runs a program to its end and answers its stdout; its stderr is part of the error when it fails. */
export function run(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}, input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...options, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** Starts who takes the node away when this process ends; answers how to have it done now. */
function hireCaretaker(claim: string): Pick<Ground, 'caretaker' | 'leave'> {
  // In a session of its own: Ctrl-C is for this process alone.
  const caretaker = spawn(process.execPath, [path.join(import.meta.dirname, 'caretaker.ts'), claim], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  const gone = once(caretaker, 'exit');
  return {
    caretaker: caretaker.pid ?? 0,
    leave: async () => {
      caretaker.stdin.end();
      const [code] = (await gone) as [number | null];
      if (code !== 0) throw new Error(`the node of ${claim} was not taken away`);
    },
  };
}

async function claimNumber(holdings: Holdings): Promise<number> {
  const mine = path.join(holdings.folder, 'claim');
  writeFileSync(mine, JSON.stringify({ holdings, owner: identify(process.pid) }));
  for (let number = 0; number < MOST_NODES; number++) {
    const claim = path.join(CLAIMS, String(number));
    if (existsSync(claim)) {
      const text = readFileSync(claim, 'utf8');
      const { holdings: theirs, owner } = JSON.parse(text) as { holdings: Holdings; owner: Identity };
      if (isAlive(owner)) continue;
      await takeAway(theirs);
      if (existsSync(claim) && readFileSync(claim, 'utf8') === text) rmSync(claim, { force: true });
    }
    try {
      linkSync(mine, claim);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      // A link cannot leave its file system; this copy refuses as well when the file is there.
      copyFileSync(mine, claim, 1);
    }
    return number;
  }
  throw new Error(`${MOST_NODES} nodes run on this machine (${CLAIMS})`);
}

function layCable({ netns, link }: Holdings, address: string, hostAddress: string): void {
  const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', netns);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
  ip('addr', 'add', `${hostAddress}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  ip('-n', netns, 'link', 'set', 'lo', 'up');
  ip('-n', netns, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', netns, 'link', 'set', 'eth0', 'up');
  ip('-n', netns, 'route', 'add', 'default', 'via', hostAddress);
  execFileSync('nsenter', [`--net=/run/netns/${netns}`, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

// A cpuset of version 1 starts empty, and no process may enter an empty one.
function makeCgroup(top: string): void {
  mkdirSync(top);
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const above = path.join(path.dirname(top), file);
    if (existsSync(above)) writeFileSync(path.join(top, file), readFileSync(above));
  }
}
