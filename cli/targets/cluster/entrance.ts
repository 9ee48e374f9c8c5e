import { lookup, Resolver } from 'node:dns/promises';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { ifAllowed, listObjects } from '../../kubernetes/read.ts';
import type { Condition } from '../../kubernetes/why.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Entrance } from '../target.ts';
import type { Marks } from './marks.ts';
import { GATEWAY_API, type Meta } from './workloads.ts';

interface Gateway {
  metadata: Meta;
  spec: { listeners?: { name: string; port: number; protocol: string; hostname?: string }[] };
  status?: { addresses?: { type?: string; value: string }[]; listeners?: { name: string; conditions?: Condition[] }[]; conditions?: Condition[] };
}

interface Ingress {
  metadata: Meta;
  spec?: { rules?: { host?: string }[]; tls?: { secretName?: string }[] };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

interface Service {
  metadata: Meta;
  spec?: { type?: string; ports?: { port: number }[] };
  status?: Ingress['status'];
}

/** One way in, as the cluster tells it. */
export interface FrontDoor {
  /** An address or a name of the load balancer. */
  address: string;
  port: number;
  secure: boolean;
  /** The public host name, where the environment has one. */
  host?: string;
}

/** Status does not wait for long to know whose a zone is. */
const NAME_SERVERS_MS = 1000;

/** Answers the addresses of a name, none where it has no record; or the name servers of a zone. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/**
 * Where the platform is entered: the Gateway's address, else an Ingress's, else that of a Service of type LoadBalancer. A host without a
 * record in DNS is served all the same: `connectTo` says where, `record` what to write into the zone. Nothing is waited for.
 * Errors: TODOCTL_ENTRANCE_MISSING, TODOCTL_CLUSTER_*.
 */
export async function clusterEntrance(kubernetes: Kubernetes, marks: Marks, resolve: Resolve = resolved): Promise<Entrance> {
  const door = await findDoor(kubernetes, marks);
  const { address, port, secure, host } = door;
  const scheme = secure ? 'https' : 'http';
  const at = port === (secure ? 443 : 80) ? '' : `:${port}`;
  if (host === undefined) return { url: new URL(`${scheme}://${bracketed(address)}${at}/`) };
  const url = new URL(`${scheme}://${host}${at}/`);
  const isAddress = /^[\d.]+$|:/.test(address);
  const [points, wanted] = await Promise.all([resolve(host), isAddress ? [address] : resolve(address)]);
  if (points.some((one) => wanted.includes(one))) return { url };
  const kind = !isAddress ? 'CNAME' : address.includes(':') ? 'AAAA' : 'A';
  return { url, connectTo: { host: address, port }, record: `${host}. ${kind} ${address}${isAddress ? '' : '.'}` };
}

/** What has no address yet. */
export interface Waiting {
  why: string;
  /** Somebody is at work on it. */
  taken: boolean;
  /** Since it was made, milliseconds since the epoch by the cluster's clock. */
  since: number;
}

/** The way in, or what there is that may become one. Errors: TODOCTL_CLUSTER_*. */
export async function lookForDoor(kubernetes: Kubernetes, { namespace, labels }: Marks): Promise<{ door: FrontDoor } | { waiting: Waiting[] }> {
  const [gateways, ingresses, services] = await Promise.all([
    // The roles of an environment may see of these two what it has.
    ifAllowed(listObjects<Gateway>(kubernetes, `${GATEWAY_API}/namespaces/${namespace}/gateways`, labels)),
    ifAllowed(listObjects<Ingress>(kubernetes, `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`, labels)),
    listObjects<Service>(kubernetes, `/api/v1/namespaces/${namespace}/services`, labels),
  ]);
  const balancers = services.filter(({ spec }) => spec?.type === 'LoadBalancer');
  const door = [...gateways.map(doorOfGateway), ...ingresses.map(doorOfIngress), ...balancers.map(doorOfService)].find((one) => one !== undefined);
  if (door) return { door };
  // An Ingress and a Service do not say whether anybody has seen them.
  const waiting = (kind: string, { metadata: { name, creationTimestamp = '' } }: { metadata: Meta }): Waiting => ({ why: `${kind} ${name} has no address yet`, taken: true, since: Date.parse(creationTimestamp) || 0 });
  return {
    waiting: [
      ...gateways.map((gateway) => ({ ...waiting('Gateway', gateway), why: whyNoAddress(gateway), taken: gateway.status?.conditions?.some(({ type, status }) => type === 'Accepted' && status === 'True') ?? false })),
      ...ingresses.map((ingress) => waiting('Ingress', ingress)),
      ...balancers.map((balancer) => waiting('Service', balancer)),
    ],
  };
}

async function findDoor(kubernetes: Kubernetes, marks: Marks): Promise<FrontDoor> {
  const found = await lookForDoor(kubernetes, marks);
  if ('door' in found) return found.door;
  const { waiting } = found;
  throw new TodoctlError('TODOCTL_ENTRANCE_MISSING', {
    message: `${marks.environment} has no address to enter it by`,
    details: waiting.length > 0 ? waiting.map(({ why }) => why) : [`There is no Gateway, Ingress or LoadBalancer of it in the namespace ${marks.namespace}.`],
  });
}

/**
 * Whose zone has the record of an entrance already, though not every resolver knows it yet. Who may not ask is told to make it, and so is
 * who has the zone there while the world asks other name servers.
 */
export async function withZone(entrance: Entrance, provider: Pick<Provider, 'name' | 'names'>, nameServers: Resolve = nameServersOf): Promise<Entrance> {
  const { url, connectTo, record } = entrance;
  if (record === undefined || !connectTo || !provider.names) return entrance;
  const made = await provider.names.leadsTo(url.hostname, connectTo.host).catch((error: unknown) => {
    if (error instanceof TodoctlError) return false;
    throw error;
  });
  return made && (await isServedBy(provider.names.servers, url.hostname, nameServers)) ? { ...entrance, zone: provider.name } : entrance;
}

/** Whether the nearest zone that the world knows is at these servers; where nobody answers it is taken for so. */
async function isServedBy(servers: string, host: string, nameServers: Resolve): Promise<boolean> {
  const labels = host.split('.');
  const zones = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  const known = (await Promise.all(zones.map(nameServers))).find((names) => names.length > 0);
  return known?.some((name) => name.toLowerCase().endsWith(`.${servers}`)) ?? true;
}

function doorOfGateway({ spec: { listeners = [] }, status }: Gateway): FrontDoor | undefined {
  const address = status?.addresses?.[0]?.value;
  if (address === undefined) return undefined;
  const secure = listeners.find(({ protocol }) => protocol === 'HTTPS');
  const plain = listeners.find(({ protocol }) => protocol === 'HTTP');
  const listener = secure ?? plain ?? { port: 80, hostname: undefined };
  return { address, port: listener.port, secure: secure !== undefined, ...(listener.hostname === undefined ? {} : { host: listener.hostname }) };
}

function whyNoAddress({ metadata: { name }, status }: Gateway): string {
  const said = status?.conditions?.find(({ type, status: is }) => (type === 'Accepted' || type === 'Programmed') && is !== 'True');
  return `Gateway ${name} has no address yet${said?.message ? `: ${said.message}` : ''}`;
}

function doorOfIngress({ spec, status }: Ingress): FrontDoor | undefined {
  const address = addressOf(status);
  const secure = (spec?.tls ?? []).length > 0;
  const host = spec?.rules?.find((rule) => rule.host !== undefined)?.host;
  return address === undefined ? undefined : { address, port: secure ? 443 : 80, secure, ...(host === undefined ? {} : { host }) };
}

function doorOfService({ spec, status }: Service): FrontDoor | undefined {
  const address = addressOf(status);
  return address === undefined ? undefined : { address, port: spec?.ports?.[0]?.port ?? 80, secure: false };
}

function addressOf(status: Ingress['status']): string | undefined {
  const [first] = status?.loadBalancer?.ingress ?? [];
  return first?.ip ?? first?.hostname;
}

async function resolved(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address);
}

async function nameServersOf(zone: string): Promise<readonly string[]> {
  return new Resolver({ timeout: NAME_SERVERS_MS, tries: 1 }).resolveNs(zone).catch(() => []);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
