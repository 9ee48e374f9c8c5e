// What looks into a cluster from outside, on a real node: API server, kubelet and containerd between us and a real Apache Kafka that
// speaks TLS and SCRAM; pods that log and serve.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fillTopic } from '../bench/load.ts';
import { startNode } from '../support/node/node.ts';
import { startSecureKafka } from '../support/secure-kafka.ts';
import { realPart } from './parts.ts';

const EVENTS = 1_000_000;
const PARTITIONS = 4;
/** A loaded machine takes a minute to bring a broker back. */
const IN_TIME_MS = 400_000;

const node = await realPart('node', startNode);
const kafka = node && (await realPart('kafka', () => startSecureKafka(node)));
const folder = mkdtempSync(path.join(tmpdir(), 'tail-in-cluster-'));
const run = path.resolve(import.meta.dirname, '../../bin/dev.js');

/** todoctl as somebody whose kubeconfig has this context. */
function todoctl(args: readonly string[], context = 'admin'): ChildProcess & { said: Promise<{ code: number | null; stdout: string; stderr: string }> } {
  writeFileSync(path.join(folder, 'todoctl.yaml'), `platform: todo\nenvironments: { ${context}: { provider: existing, context: ${context} } }\n`);
  const child = spawn(process.execPath, [run, ...args, '--env', context], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: node?.kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => void stderr.push(chunk));
  const said = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return Object.assign(child, { said });
}

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await node?.[Symbol.asyncDispose]();
});

describe.skipIf(!node || !kafka)('events in a cluster', () => {
  beforeAll(async () => {
    if (kafka) await fillTopic(kafka.plain, 'task-events', { events: EVENTS, partitions: PARTITIONS });
  }, IN_TIME_MS);

  test('topics, lag and the newest events are read by the users of deploy', async () => {
    const topics = await todoctl(['events', 'topics', '--json']).said;
    expect(JSON.parse(topics.stdout)).toMatchObject({ topics: [{ topic: 'task-events', partitions: PARTITIONS, messages: EVENTS }] });
    expect((await todoctl(['events', 'lag', '--json']).said).code).toBe(0);
    const newest = await todoctl(['events', 'tail', 'task-events', '--last', '3', '--no-follow', '--json']).said;
    expect(newest.stdout.trim().split('\n')).toHaveLength(3);
    expect(`${topics.stderr}${newest.stderr}`).not.toContain('canary');
  }, IN_TIME_MS);

  test('a broker that is killed with its pod while a million events are read: all of them, in order per partition, none twice', async () => {
    const tail = todoctl(['events', 'tail', 'task-events', '--from', 'beginning', '--limit', String(EVENTS), '--format', '%p %o']);
    const next = new Array<number>(PARTITIONS).fill(0);
    let [seen, disorder] = [0, 0];
    let killed: Promise<void> | undefined;
    for await (const line of createInterface({ input: tail.stdout as NodeJS.ReadableStream })) {
      const [partition = 0, offset] = line.split(' ').map(Number);
      if (offset !== next[partition]) disorder++;
      next[partition] = (next[partition] ?? 0) + 1;
      // Somewhere in the middle, with answers on their way.
      if (++seen === EVENTS / 5) killed = kafka?.kill().then(() => kafka.revive());
    }
    await killed;
    const { code, stderr } = await tail.said;
    expect({ code, seen, disorder, killed: killed !== undefined }).toEqual({ code: 0, seen: EVENTS, disorder: 0, killed: true });
    expect(next.reduce((sum, count) => sum + count, 0)).toBe(EVENTS);
    expect(stderr).toContain('Lost the broker');
  }, IN_TIME_MS);

  test('who may not see pods, read the password, or forward ports is told what it takes, and by which role it is had', async () => {
    const tailAs = () => todoctl(['events', 'tail', 'task-events', '--last', '1', '--no-follow'], 'reader').said;
    const grant = (name: string, ...rules: object[]): Promise<void> | undefined =>
      node?.apply([
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace: 'todo' }, rules },
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name, namespace: 'todo' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }] },
      ]);
    // Which cluster it is must be seen by everybody.
    await node?.kubectl(['create', 'clusterrole', 'see-cluster', '--verb=get', '--resource=namespaces']);
    await node?.kubectl(['create', 'clusterrolebinding', 'see-cluster', '--clusterrole=see-cluster', '--user=reader']);
    const none = await tailAs();
    expect([none.code, none.stderr]).toEqual([4, expect.stringContaining('TODOCTL_CLUSTER_FORBIDDEN')]);
    await grant('pods', { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] });
    const noSecret = await tailAs();
    expect([noSecret.code, noSecret.stderr.replaceAll(/\s+/g, ' ')]).toEqual([4, expect.stringMatching(/You may not read the Secret .*role-tail\.yaml/)]);
    await grant('secrets', { apiGroups: [''], resources: ['secrets'], resourceNames: ['todo-cluster-ca-cert', 'kafka-tail'], verbs: ['get'] });
    const noForward = await tailAs();
    expect([noForward.code, noForward.stderr.replaceAll(/\s+/g, ' ')]).toEqual([4, expect.stringMatching(/create and|get and create on pods\/portforward.*role-tail\.yaml.*TODOCTL_FORWARD_FORBIDDEN/)]);
    await grant('forward', { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] });
    expect((await tailAs()).code).toBe(0);
  }, IN_TIME_MS);
});
