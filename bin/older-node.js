// Runs on old Nodes: only syntax and APIs of Node 18.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Set for the second run: if that Node is too old as well, there is no third.
const GUARD = 'TODOCTL_RUN_AGAIN';
const EXIT_PRECONDITION = 3;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** Runs `script` once more, with the Node that npm installed beside or above it; else says that this one is too old. */
export function runWithNewerNode(wanted, script) {
  const file = fileURLToPath(script);
  const node = process.env[GUARD] ? undefined : nodeBeside(path.dirname(file));
  if (!node) return refuse(wanted);
  process.env[GUARD] = '1';
  const args = [...process.execArgv, file, ...process.argv.slice(2)];
  // Node 22.15 and later can become the other program: one process, nothing to pass through.
  if (process.execve) return process.execve(node, [node, ...args], process.env);
  passThrough(spawn(node, args, { stdio: 'inherit' }), wanted);
}

/** The binary of the package `node` in the nearest node_modules that has it. */
function nodeBeside(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let here = folder; ; here = path.dirname(here)) {
    const candidate = path.join(here, 'node_modules', 'node', 'bin', name);
    if (existsSync(candidate)) return candidate;
    if (here === path.dirname(here)) return undefined;
  }
}

function passThrough(child, wanted) {
  // A terminal sends Ctrl-C to the whole group: the child has it already, and twice would mean "leave now".
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal);
    });
  }
  child.on('error', () => refuse(wanted));
  child.on('exit', (code, signal) => {
    if (!signal) return process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The catalogue's TODOCTL_NODE_TOO_OLD by hand: the catalogue itself needs a newer Node. A test compares the two. */
function refuse(wanted) {
  const error = {
    code: 'TODOCTL_NODE_TOO_OLD',
    message: `This is Node ${process.versions.node}; todoctl needs Node ${wanted} or newer`,
    why: `todoctl needs Node ${wanted} or newer, and no such Node lies in a node_modules beside it.`,
    next: [`Install Node ${wanted} or newer from https://nodejs.org.`, `In a project: npm install --save-dev node@${wanted}; todoctl then finds it by itself.`],
    details: [],
  };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  else {
    const [first, ...others] = error.next;
    const lines = [`Error ${error.message}`, `Why   ${error.why}`, `Next  ${first}`, ...others.map((next) => `      ${next}`), `Code  ${error.code}`];
    process.stderr.write(`${lines.join('\n')}\n`);
  }
  process.exitCode = EXIT_PRECONDITION;
}
