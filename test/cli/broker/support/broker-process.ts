import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const MAIN = path.resolve(import.meta.dirname, '../../../../cli/broker/main.ts');

/** A line of the broker's log. */
export interface LogLine {
  level: number;
  msg: string;
  port?: number;
  code?: string;
  bytes?: number;
}

export interface BrokerProcess {
  child: ChildProcess;
  lines: LogLine[];
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  stderr: () => string;
}

/** Runs `broker --config FILE` as the supervisor does, with the config written to `folder`. `main` is another build of it. */
export function runBroker(folder: string, config: Record<string, unknown>, main = MAIN): BrokerProcess {
  const file = path.join(folder, 'broker.json');
  writeFileSync(file, JSON.stringify({ host: '127.0.0.1', port: 0, dataDir: path.join(folder, 'data'), clusterId: 'test', ...config }));
  const child = spawn(process.execPath, [main, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  const lines: LogLine[] = [];
  let rest = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as LogLine;
      lines.push(line);
      child.emit('line', line);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, lines, ended, stderr: () => stderr };
}

/** Waits until it says that it is ready; answers its port. */
export async function ready({ child, lines, ended, stderr }: BrokerProcess): Promise<number> {
  for (;;) {
    const line = lines.find(({ msg }) => msg === 'ready');
    if (line?.port !== undefined) return line.port;
    const end = await Promise.race([once(child, 'line').then(() => undefined), ended]);
    if (end !== undefined) throw new Error(`the broker ended with ${end}: ${JSON.stringify(lines)} ${stderr()}`);
  }
}
