// A dashboard or a service at a port of this machine: which pod is behind it, and what happens when that dies.
import { once } from 'node:events';
import net from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forward } from '../../../../cli/targets/cluster/forward.ts';
import type { Forwarded, ForwardSelection } from '../../../../cli/targets/target.ts';
import { refusal } from '../../../support/definition.ts';
import { until } from '../../../support/until.ts';
import type { Kubelet } from '../../kubernetes/forwarding-server.ts';
import { ClusterApi } from './cluster-api.ts';

const LABELS = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'staging' };
const MARKS = { platform: 'todo', environment: 'staging', namespace: 'todo', release: 'todo', labels: LABELS };
const NAME = 'app.kubernetes.io/name';

function platform(): ClusterApi {
  const api = new ClusterApi();
  api.pods = [
    { name: 'task-api-a', labels: { ...LABELS, [NAME]: 'task-api' }, ready: false },
    { name: 'task-api-b', labels: { ...LABELS, [NAME]: 'task-api' } },
    { name: 'grafana-0', labels: { [NAME]: 'grafana' } },
    { name: 'prometheus-0', labels: { [NAME]: 'prometheus' }, ready: false },
  ];
  return api;
}

/** A pod that answers whatever it is told with its name and what it was told. */
const echoing = (kubelet: Kubelet): void => {
  const [, pod = ''] = /pods\/([^/]+)/.exec(kubelet.path) ?? [];
  kubelet.begin(Number(new URL(kubelet.path, 'http://x').searchParams.get('ports'))).onData = (bytes) => kubelet.send(0, Buffer.from(`${pod}: ${bytes.toString()}`));
};

async function listening(api: ClusterApi, selection: ForwardSelection, script = echoing): Promise<Forwarded & { stop(): void }> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const forwarded = await forward(await api.open(script), MARKS, selection, stop.signal);
  return { ...forwarded, stop: () => stop.abort() };
}

const connected = async ({ url }: Forwarded): Promise<net.Socket> => {
  const socket = net.connect(Number(url.port), url.hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
};

describe('what can be opened', () => {
  test('a service, by a pod of it that is ready', async () => {
    const forwarded = await listening(platform(), { what: 'task-api' });
    expect(forwarded).toMatchObject({ to: 'task-api-b in todo', url: expect.objectContaining({ hostname: '127.0.0.1' }) as unknown });
    const socket = await connected(forwarded);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('task-api-b: hello');
  });

  test('a dashboard, with who signs in and what shows the password, which is not shown', async () => {
    const { to, user, password } = await listening(platform(), { what: 'grafana' });
    expect({ to, user }).toEqual({ to: 'grafana-0 in monitoring', user: 'admin' });
    expect(password).toBe("kubectl -n monitoring get secret grafana-admin -o jsonpath='{.data.admin-password}' | base64 -d");
  });

  test('at the port that is asked for, unless somebody has it', async () => {
    const first = await listening(platform(), { what: 'grafana' });
    const port = Number(first.url.port);
    expect(await refusal(listening(platform(), { what: 'grafana', port }))).toMatchObject({ code: 'TODOCTL_PORT_TAKEN', exit: 3 });
    first.stop();
    expect((await until('the port is free', () => listening(platform(), { what: 'grafana', port }).catch(() => undefined))).url.port).toBe(String(port));
  });

  test('nothing else, with the nearest', async () => {
    expect(await refusal(listening(platform(), { what: 'grafona' }))).toMatchObject({ code: 'TODOCTL_FORWARD_UNKNOWN', exit: 2, next: ['Did you mean grafana?'], details: ['there are grafana, prometheus, jaeger, dapr, task-api'] });
    expect(await refusal(listening(platform(), { what: 'constructor' }))).toMatchObject({ code: 'TODOCTL_FORWARD_UNKNOWN' });
  });

  test.each([['prometheus', 'there are prometheus-0'], ['jaeger', 'there is none']])('not %s, of which no pod is ready', async (what, details) => {
    expect(await refusal(listening(platform(), { what }))).toMatchObject({ code: 'TODOCTL_FORWARD_NO_POD', exit: 3, details: [details] });
  });
});

test('a dashboard that no deploy brings says how it is had', async () => {
  expect(await refusal(listening(platform(), { what: 'dapr' }))).toMatchObject({ code: 'TODOCTL_FORWARD_NO_POD', next: [expect.stringContaining('chart dapr-dashboard') as string] });
});

describe('what is passed on', () => {
  test('is each connection by itself, of any size', async () => {
    const sizes = [1, 70_000, 3_000_000];
    const forwarded = await listening(platform(), { what: 'task-api' }, (kubelet) => {
      let got = 0;
      kubelet.begin(8080).onData = (bytes) => {
        got += bytes.length;
        const wanted = sizes.find((size) => size === got);
        if (wanted !== undefined) kubelet.send(0, Buffer.alloc(wanted, wanted % 251)).raw(8);
      };
    });
    const answers = await Promise.all(sizes.map(async (size) => {
      const socket = await connected(forwarded);
      socket.write(Buffer.alloc(size));
      return buffer(socket);
    }));
    for (const [index, size] of sizes.entries()) expect(answers[index]?.equals(Buffer.alloc(size, size % 251))).toBe(true);
  });

  test('a client that has sent all still gets its answer', async () => {
    const socket = await connected(await listening(platform(), { what: 'task-api' }, (kubelet) => {
      kubelet.begin(8080).onData = () => kubelet.send(0, Buffer.from('the answer')).raw(8);
    }));
    socket.end('the question');
    expect(await text(socket)).toBe('the answer');
  });

  test('goes to another pod when the one at hand dies', async () => {
    const api = platform();
    const lost: string[] = [];
    const forwarded = await listening(api, { what: 'task-api', lost: (why) => lost.push(why) }, (kubelet) => {
      if (!kubelet.path.includes('task-api-b')) return echoing(kubelet);
      kubelet.begin(8080).send(1, Buffer.from('connection refused')).raw(8);
    });
    const first = await connected(forwarded);
    await once(first, 'close');
    expect(lost).toEqual(['task-api-b:8080: connection refused']);
    api.pods = [{ name: 'task-api-c', labels: { ...LABELS, [NAME]: 'task-api' } }];
    const second = await connected(forwarded);
    second.write('again');
    expect(String((await once(second, 'data'))[0])).toBe('task-api-c: again');
  });

  test('ends with the signal, and so does who listens', async () => {
    const forwarded = await listening(platform(), { what: 'task-api' });
    const socket = await connected(forwarded);
    socket.write('hello');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    forwarded.stop();
    await closed;
    await expect(connected(forwarded)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
