import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, openSync, closeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { createTestPlatform, ECHO_SERVICE, PACKAGE, type TestPlatform } from '../support/platform.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const EVENTS = 2_000_000;
const BYTES = 300;
const TOPIC = 'bench';
const todoctl = path.join(PACKAGE, 'bin/run.js');

/** `events tail --format raw` against kcat, from the embedded broker and from Apache Kafka; what this machine lacks is said and left out. */
export async function benchTail(pairs: number): Promise<Figure[]> {
  const figures = [await benchBroker('the embedded broker', '', pairs)];
  const kafka = await startApacheKafka();
  if ('skipped' in kafka) {
    process.stderr.write(`Apache Kafka left out: ${kafka.skipped}\n`);
    return figures;
  }
  try {
    figures.push(await benchBroker('Apache Kafka 4.3.1', `, kafka: { bootstrap: "${kafka.bootstrap}" }`, pairs));
  } finally {
    await kafka.stop();
  }
  return figures;
}

async function benchBroker(name: string, settings: string, pairs: number): Promise<Figure> {
  const platform = await createTestPlatform({
    yaml: `platform: bench
topics:
  ${TOPIC}: { key: task, partitions: 4 }
services:
  page: { route: / }
environments:
  local: { provider: local${settings} }
`,
    files: { 'services/page/main.ts': ECHO_SERVICE },
  });
  try {
    const { running } = await platform.deploy();
    const bootstrap = running?.kafka ?? '';
    await produce(bootstrap);
    const tail = [todoctl, 'events', 'tail', TOPIC, '--format', 'raw', '--no-follow'];
    const kcat = ['-C', '-e', '-q', '-b', bootstrap, '-t', TOPIC];
    await compareBytes(platform, tail, kcat);
    const times = await interleave({
      pairs,
      subject: () => timeProcess(process.execPath, tail, { cwd: platform.folder }),
      reference: () => timeProcess('kcat', kcat),
    });
    return figureOf({ name: `events tail --format raw, ${name}`, reference: 'kcat -C -e -q', goal: '≥ 2', as: 'rate', meets: (ratio) => ratio >= 2 }, times);
  } finally {
    await platform.dispose();
  }
}

/** Produces EVENTS CloudEvents of BYTES bytes each with kcat, spread over the partitions. */
async function produce(bootstrap: string): Promise<void> {
  const kcat = spawn('kcat', ['-P', '-b', bootstrap, '-t', TOPIC], { stdio: ['pipe', 'ignore', 'inherit'] });
  for (let number = 0; number < EVENTS; number += 1000) {
    const lines = Array.from({ length: 1000 }, (_, index) => eventLine(number + index)).join('');
    if (!kcat.stdin.write(lines)) await once(kcat.stdin, 'drain');
  }
  kcat.stdin.end();
  const [code] = (await once(kcat, 'close')) as [number];
  if (code !== 0) throw new Error(`kcat -P ended with ${code}`);
}

function eventLine(number: number): string {
  const id = String(number).padStart(12, '0');
  const head = `{"specversion":"1.0","id":"01a1fe95-54e1-7224-93d6-${id}","source":"todo/task-api","type":"task.created.v1","subject":"task-${id}","data":{"task_id":"task-${id}","title":"`;
  return `${head.padEnd(BYTES - 3, 'x')}"}}\n`;
}

/** A fast reader that loses or changes bytes is no reader: both must give the same events, in whatever order of partitions. */
async function compareBytes(platform: TestPlatform, tail: readonly string[], kcat: readonly string[]): Promise<void> {
  const digests: string[] = [];
  for (const [command, args] of [[process.execPath, tail], ['kcat', kcat]] as const) {
    const file = path.join(platform.folder, 'values');
    const out = openSync(file, 'w');
    await timeProcess(command, args, { cwd: platform.folder, stdio: ['ignore', out, 'ignore'] });
    closeSync(out);
    digests.push(await digestOf(file));
    await rm(file);
  }
  if (digests[0] !== digests[1]) throw new Error('events tail and kcat gave different events');
}

/** The sum of the lines' hashes: the same for the same lines in any order. */
async function digestOf(file: string): Promise<string> {
  let sum = 0n;
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    sum = BigInt.asUintN(64, sum + createHash('sha1').update(line).digest().readBigUInt64BE());
    count++;
  }
  return `${count} ${sum}`;
}
