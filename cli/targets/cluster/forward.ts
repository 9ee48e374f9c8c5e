import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { ForwardFailed, forwardPort } from '../../kubernetes/port-forward.ts';
import { ifAllowed, listObjects } from '../../kubernetes/read.ts';
import type { Forwarded, ForwardSelection } from '../target.ts';
import type { Marks } from './marks.ts';

interface Pod {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
  status?: { conditions?: readonly { type: string; status: string }[] };
}

/** Pods that one can look at, and where. */
interface Place {
  namespace: string;
  labels: Readonly<Record<string, string>>;
  port: number;
  /** Who signs in, and the command that shows the password: todoctl itself never does. */
  user?: { name: string; password: string };
  /** What to do where there is no pod at all, when deploy does not bring it. */
  without?: string;
}

const NAME = 'app.kubernetes.io/name';
const SERVICE_PORT = 8080;
const TRIES = 3;
const AGAIN_MS = 500;

/** What is beside the services: where the charts that deploy installs put it. */
const DASHBOARDS: Readonly<Record<string, Place>> = {
  grafana: {
    namespace: 'monitoring', labels: { [NAME]: 'grafana' }, port: 3000,
    user: { name: 'admin', password: "kubectl -n monitoring get secret grafana-admin -o jsonpath='{.data.admin-password}' | base64 -d" },
  },
  prometheus: { namespace: 'monitoring', labels: { [NAME]: 'prometheus' }, port: 9090 },
  jaeger: { namespace: 'tracing', labels: { [NAME]: 'jaeger' }, port: 16_686 },
  dapr: { namespace: 'dapr-system', labels: { app: 'dapr-dashboard' }, port: 8080, without: 'Dapr’s chart brings no dashboard: install its chart dapr-dashboard into dapr-system, or use todoctl doctor and todoctl logs --sidecar.' },
};

/**
 * Listens on loopback and passes each connection on to a ready pod of a dashboard or a service, until `signal`: to another one when the
 * pod dies. Errors: TODOCTL_FORWARD_UNKNOWN, TODOCTL_FORWARD_NO_POD, TODOCTL_PORT_TAKEN, TODOCTL_CLUSTER_*.
 */
export async function forward(kubernetes: Kubernetes, marks: Marks, { what, port = 0, lost }: ForwardSelection, signal: AbortSignal): Promise<Forwarded> {
  const place = await placeOf(kubernetes, marks, what);
  const pods = new ReadyPod(kubernetes, what, place);
  const pod = await pods.name();
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    passOn(socket, () => pods.connect(signal)).catch((error: unknown) => {
      socket.destroy();
      if (!signal.aborted) lost?.((error as Error).message);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' || error.code === 'EACCES' ? taken(port) : error;
  });
  const end = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const { port: heard } = server.address() as net.AddressInfo;
  return { url: new URL(`http://127.0.0.1:${heard}/`), to: `${pod} in ${place.namespace}`, ...(place.user ? { user: place.user.name, password: place.user.password } : {}) };
}

function taken(port: number): TodoctlError {
  return new TodoctlError('TODOCTL_PORT_TAKEN', { message: `Port ${port} cannot be listened on`, next: ['Name another one with --port, or none to get a free one.'] });
}

/** What one end says reaches the other, until either is gone. A client that has sent all still reads; a pod that has sent all is done. */
async function passOn(socket: net.Socket, connect: () => Promise<Duplex>): Promise<void> {
  socket.setNoDelay(true);
  const there = await connect();
  const failed = await new Promise<Error | undefined>((resolve) => {
    there.on('error', resolve).on('end', () => socket.destroySoon());
    socket.on('close', () => resolve(undefined));
    there.pipe(socket, { end: false });
    socket.pipe(there, { end: false });
    if (socket.destroyed) resolve(undefined);
  });
  there.destroy();
  if (failed) throw failed;
}

async function placeOf(kubernetes: Kubernetes, { namespace, labels }: Marks, what: string): Promise<Place> {
  const dashboard = Object.hasOwn(DASHBOARDS, what) ? DASHBOARDS[what] : undefined;
  if (dashboard) return dashboard;
  const pods = await ifAllowed(listObjects<Pod>(kubernetes, `/api/v1/namespaces/${namespace}/pods`, labels));
  const services = [...new Set(pods.flatMap(({ metadata }) => metadata.labels?.[NAME] ?? []))].sort();
  if (services.includes(what)) return { namespace, labels: { ...labels, [NAME]: what }, port: SERVICE_PORT };
  const known = [...Object.keys(DASHBOARDS), ...services];
  const close = nearest(what, known);
  throw new TodoctlError('TODOCTL_FORWARD_UNKNOWN', {
    message: `There is no ${what} to open`,
    details: [`there are ${known.join(', ')}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}

/** A pod that takes requests; looked for anew when the one at hand takes none. */
class ReadyPod {
  readonly #kubernetes: Kubernetes;
  readonly #what: string;
  readonly #place: Place;
  #known: string | undefined;

  constructor(kubernetes: Kubernetes, what: string, place: Place) {
    this.#kubernetes = kubernetes;
    this.#what = what;
    this.#place = place;
  }

  async name(): Promise<string> {
    const { namespace, labels, without } = this.#place;
    const pods = await listObjects<Pod>(this.#kubernetes, `/api/v1/namespaces/${namespace}/pods`, labels);
    this.#known = pods.find(isReady)?.metadata.name;
    if (this.#known !== undefined) return this.#known;
    const there = pods.length === 0 ? 'there is none' : `there are ${pods.map(({ metadata }) => metadata.name).join(', ')}`;
    throw new TodoctlError('TODOCTL_FORWARD_NO_POD', { message: `No pod of ${this.#what} in the namespace ${namespace} is ready`, details: [there], ...(pods.length === 0 && without !== undefined ? { next: [without] } : {}) });
  }

  async connect(signal: AbortSignal): Promise<Duplex> {
    for (let tried = 1; ; tried++) {
      try {
        const pod = this.#known ?? (await this.name());
        const stream = await forwardPort(this.#kubernetes, { namespace: this.#place.namespace, pod, port: this.#place.port }, signal);
        // Also what was open breaks off when its pod dies: the next connection looks for another.
        stream.on('error', () => (this.#known = undefined));
        return stream;
      } catch (error) {
        this.#known = undefined;
        if (!(error instanceof ForwardFailed) || tried === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * tried));
      }
    }
  }
}

function isReady({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && (status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false);
}
