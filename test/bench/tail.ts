import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBrokers } from '../../cli/kafka/tcp.ts';
import { kafkaAccess } from '../../cli/targets/local/kafka.ts';
import { ready, runBroker } from '../cli/broker/support/broker-process.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { EVENT_BYTES, fillTopic } from './load.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const project = path.resolve(import.meta.dirname, '../..');
const TOPIC = 'bench';
const PARTITIONS = 4;
const EVENTS = 2_000_000;

/** `events tail --format raw` against kcat on the same broker: the embedded one, and Apache Kafka where it can be had. */
export async function benchTail(pairs: number, events = EVENTS): Promise<Figure[]> {
  if (!hasKcat()) return skipped('kcat is not here (Debian: apt-get install kcat)');
  const folder = await mkdtemp(path.join(tmpdir(), 'todoctl-bench-'));
  const figures: Figure[] = [];
  try {
    const broker = runBroker(folder, {}, path.join(project, 'dist/processes/broker.js'));
    try {
      figures.push(await benchOn('the embedded broker', `127.0.0.1:${await ready(broker)}`, { folder, pairs, events }));
    } finally {
      broker.child.kill();
      await broker.ended;
    }
    const kafka = await startApacheKafka();
    if ('skipped' in kafka) return [...figures, ...skipped(`Apache Kafka is not here: ${kafka.skipped}`)];
    try {
      figures.push(await benchOn('Apache Kafka', kafka.bootstrap, { folder, pairs, events }));
    } finally {
      await kafka.stop();
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchOn(name: string, bootstrap: string, { folder, pairs, events }: { folder: string; pairs: number; events: number }): Promise<Figure> {
  const addresses = parseBrokers(bootstrap) ?? [];
  await fillTopic(kafkaAccess('bench', addresses), TOPIC, { events, partitions: PARTITIONS });
  const cwd = await platformAt(folder, addresses);
  const [ours, theirs] = [path.join(folder, 'ours'), path.join(folder, 'theirs')];
  const run = async (command: string, args: readonly string[], file: string): Promise<number> => {
    const out = openSync(file, 'w');
    try {
      return await timeProcess(command, args, { cwd, stdio: ['ignore', out, 'ignore'] });
    } finally {
      closeSync(out);
    }
  };
  const subject = (file: string): Promise<number> =>
    run(process.execPath, [path.join(project, 'bin/run.js'), 'events', 'tail', TOPIC, '--from', 'beginning', '--no-follow', '--format', 'raw'], file);
  const reference = (file: string): Promise<number> => run('kcat', ['-C', '-e', '-q', '-b', bootstrap, '-t', TOPIC], file);

  await reference(theirs);
  await subject(ours);
  same(ours, theirs, events);
  const times = await interleave({ pairs, subject: () => subject('/dev/null'), reference: () => reference('/dev/null') });
  const what = `tail of ${events.toLocaleString('en')} × ${EVENT_BYTES} B from ${name}, messages/s`;
  return figureOf({ name: what, reference: 'kcat', goal: '≥ 2', as: 'rate', meets: (ratio) => ratio >= 2 }, times);
}

/** A folder in which todoctl takes Kafka to be deployed at these addresses. */
async function platformAt(folder: string, bootstrap: readonly { host: string; port: number }[]): Promise<string> {
  const state = path.join(folder, '.todoctl/local');
  mkdirSync(state, { recursive: true });
  await writeFile(path.join(folder, 'todoctl.yaml'), 'platform: bench\nenvironments: { local: { provider: local } }\n');
  await writeFile(path.join(state, 'ports.json'), JSON.stringify({ ports: { entrance: 1 }, bootstrap }));
  return folder;
}

/** Partitions come interleaved as they are fetched, so lines are compared without their order. */
function same(ours: string, theirs: string, events: number): void {
  const [a, b] = [ours, theirs].map((file) => readFileSync(file));
  if (a?.length !== events * (EVENT_BYTES + 1) || a.length !== b?.length) throw new Error(`todoctl printed ${a?.length} bytes, kcat ${b?.length}`);
  if (unordered(a) !== unordered(b)) throw new Error('todoctl and kcat printed different events');
}

/** The sum of all lines' digests: the same for the same lines in any order. */
function unordered(bytes: Buffer): bigint {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += EVENT_BYTES + 1) sum += createHash('sha1').update(bytes.subarray(at, at + EVENT_BYTES + 1)).digest().readBigUInt64BE();
  return sum;
}

function hasKcat(): boolean {
  try {
    execFileSync('kcat', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function skipped(why: string): [] {
  process.stderr.write(`tail: not measured, ${why}\n`);
  return [];
}

if (import.meta.main) {
  const [pairs = 9, events = EVENTS] = process.argv.slice(2).map(Number);
  for (const figure of await benchTail(pairs, events)) process.stdout.write(`${JSON.stringify(figure)}\n`);
}
