import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startNode } from '../support/node/node.ts';
import { type SecureKafka, startSecureKafka } from '../support/secure-kafka.ts';
import { getKubernetes } from '../tools/kubernetes/build.ts';
import { EVENT_BYTES, fillTopic } from './load.ts';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const project = path.resolve(import.meta.dirname, '../..');
const TOPIC = 'bench';
const PARTITIONS = 4;
const EVENTS = 1_000_000;

/**
 * `events tail` from a cluster, through API server, kubelet and containerd of a real node, against kcat connected directly to the same
 * listener (TLS, SASL); and how soon its first line is there, against `kubectl get pods`.
 */
export async function benchClusterTail(pairs: number, events = EVENTS): Promise<Figure[]> {
  if (spawnSync('kcat', ['-V']).error) return skipped('kcat is not here (Debian: apt-get install kcat)');
  const tools = getKubernetes();
  if ('skipped' in tools) return skipped(tools.skipped);
  const node = await startNode();
  if ('skipped' in node) return skipped(node.skipped);
  const folder = await mkdtemp(path.join(tmpdir(), 'todoctl-bench-'));
  try {
    const kafka = await startSecureKafka(node);
    if ('skipped' in kafka) return skipped(`Apache Kafka is not here: ${kafka.skipped}`);
    await fillTopic(kafka.plain, TOPIC, { events, partitions: PARTITIONS });
    await writeFile(path.join(folder, 'todoctl.yaml'), 'platform: todo\nenvironments: { staging: { provider: existing, context: admin } }\n');
    const env = { ...process.env, KUBECONFIG: node.kubeconfig };
    const timed = async (command: string, args: readonly string[]): Promise<number> => {
      const out = openSync('/dev/null', 'w');
      try {
        return await timeProcess(command, args, { cwd: folder, env, stdio: ['ignore', out, 'ignore'] });
      } finally {
        closeSync(out);
      }
    };
    const tail = (...flags: string[]): Promise<number> => timed(process.execPath, [path.join(project, 'bin/run.js'), 'events', 'tail', TOPIC, '--env', 'staging', '--no-follow', ...flags]);
    const [program = '', ...args] = await kcatBeside(folder, kafka, node.ground.address);
    const whole = { subject: () => tail('--from', 'beginning', '--format', 'raw'), reference: () => timed(program, args) };
    const first = { subject: () => tail('--last', '1'), reference: () => timed(tools.kubectl, ['--namespace', kafka.namespace, 'get', 'pods']) };
    // The first runs find caches empty.
    for (const run of [whole.reference, whole.subject, first.reference, first.subject]) await run();
    return [
      figureOf(
        { name: `tail of ${events.toLocaleString('en')} × ${EVENT_BYTES} B through the API server, messages/s`, reference: 'kcat connected directly to the same TLS listener', goal: '≥ 0.8', as: 'rate', meets: (ratio) => ratio >= 0.8 },
        await interleave({ pairs, ...whole }),
      ),
      figureOf({ name: 'first line of a tail in a cluster', reference: 'kubectl get pods', goal: '≤ 3', as: 'time', meets: (ratio) => ratio <= 3 }, await interleave({ pairs, ...first })),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
    await node[Symbol.asyncDispose]();
  }
}

/**
 * kcat with a hosts file of its own: it goes to the address that the broker advertises, which no DNS of this machine has. It signs in by
 * PLAIN, because Debian's cannot by SCRAM (see secure-kafka.ts); that is two messages of a connection.
 */
async function kcatBeside(folder: string, { advertised, ca, password }: SecureKafka, address: string): Promise<string[]> {
  const [hosts, authority, settings] = ['hosts', 'ca.pem', 'kcat.conf'].map((name) => path.join(folder, name)) as [string, string, string];
  await writeFile(hosts, `127.0.0.1 localhost\n${address} ${advertised.split(':')[0]}\n`);
  await writeFile(authority, ca);
  const lines = ['security.protocol=SASL_SSL', 'sasl.mechanism=PLAIN', 'sasl.username=tail', `sasl.password=${password}`, `ssl.ca.location=${authority}`, `bootstrap.servers=${advertised}`];
  await writeFile(settings, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  execFileSync('unshare', ['--mount', 'true']);
  return ['unshare', '--mount', 'sh', '-c', `mount --bind ${hosts} /etc/hosts && exec kcat -F ${settings} -m 60 -C -e -q -t ${TOPIC}`];
}

function skipped(why: string): [] {
  process.stderr.write(`tail in a cluster: not measured, ${why}\n`);
  return [];
}

if (import.meta.main) {
  const [pairs = 5, events = EVENTS] = process.argv.slice(2).map(Number);
  for (const figure of await benchClusterTail(pairs, events)) process.stdout.write(`${JSON.stringify(figure)}\n`);
}
